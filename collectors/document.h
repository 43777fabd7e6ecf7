#ifndef COLLECTORS_DOCUMENT_H
#define COLLECTORS_DOCUMENT_H

/* Another program's JSON document, made fit to travel in a record; and the headers to ask for it with. Pure. */

#include <stdbool.h>
#include <stddef.h>

#include "lib/settings.h"
#include "lib/strbuf.h"

enum { DOCUMENT_HEADERS_MAX = 64, DOCUMENT_HEADER_BYTES = 8192 };

/*
 * Appends the document's own bytes: a byte order mark and white space around it go, a line end inside
 * becomes a blank, all else stays as it is. False, and *why in one line: not JSON (RFC 8259), or null.
 */
bool document_line(const char *body, size_t len, struct strbuf *out, struct strbuf *why);

/*
 * "Name: value" a line; empty lines and those that begin with # are left out. Appends each to *out,
 * whose strings and list the caller frees. False: *why says "LINE: what is wrong", never the value.
 */
bool document_headers(const char *text, size_t len, struct strlist *out, struct strbuf *why);
void document_headers_free(struct strlist *);

/* Is it a word that a record's type may be? */
bool document_type(const char *word);

#endif
