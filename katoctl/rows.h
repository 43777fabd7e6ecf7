#ifndef KATOCTL_ROWS_H
#define KATOCTL_ROWS_H

/* The stages of a status answer (report.h) as a table for people, for katoctl status and top. Pure. */

#include <stdbool.h>
#include <stddef.h>

#include "lib/json.h"
#include "lib/strbuf.h"

enum { ROWS_LEFT = -1, ROWS_RIGHT = 1 };

struct rows_column {
	const char *member, *head;
	int align;
};

struct rows_look {
	const struct rows_column *columns;
	size_t n;
	int width;	/* lines are cut there; 0: not */
	bool colour;	/* of the state's word */
};

/* Appends a heading and a line for each stage, newlines included. */
void rows_table(struct span stages, const struct rows_look *, struct strbuf *out);
/* Appends "NAME: " and the last line it wrote on standard error, for each stage that wrote one. */
void rows_last_words(struct span stages, int width, struct strbuf *out);
/* Appends "5 stages: 4 running, 1 parked". */
void rows_summary(struct span stages, struct strbuf *out);

/*
 * Appends as much of foreign text as fits so many columns, with "…" where it was cut (0: all of it). Whatever is not a
 * printable character with a width becomes '?': no byte of it can drive a terminal. Needs no locale.
 */
void rows_text(struct strbuf *out, const char *p, size_t n, int width);

/* What moved since the last answer, instead of the supervisor's own means: {0} is a fresh one. */
struct rows_since {
	struct rows_moved {
		char name[36];
		double lines, bytes, lines_rate, bytes_rate;
	} *v;
	size_t n;
	bool known;	/* rates are */
};

void rows_since_free(struct rows_since *);
/* A new answer, so many seconds after the one before; 0: begin anew. */
void rows_since_take(struct rows_since *, struct span stages, double seconds);
/* As rows_table, with the rates from there where they are known. */
void rows_table_since(struct span stages, const struct rows_look *, const struct rows_since *, struct strbuf *out);

#endif
