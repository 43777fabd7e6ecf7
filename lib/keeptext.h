#ifndef KATO_KEEPTEXT_H
#define KATO_KEEPTEXT_H

/* The text of a state file, as keep.h shows it. No file is touched here. */

#include <stdbool.h>
#include <stddef.h>

#include "lib/strbuf.h"

/* Appends the first line. */
void keeptext_head(const char *tool, int format, struct strbuf *out);
/* Appends the commit of the n bytes at save, newline-ended lines. */
void keeptext_commit(const char *save, size_t n, struct strbuf *out);
/*
 * Takes a file apart: appends the lines of all its saves. An unfinished save at the end is left out. False: *why says
 * what the file is instead, in words that go on "FILE ...".
 */
bool keeptext_take(const char *text, size_t len, const char *tool, int format, struct strbuf *out, struct strbuf *why);

#endif
