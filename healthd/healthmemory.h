#ifndef HEALTHD_HEALTHMEMORY_H
#define HEALTHD_HEALTHMEMORY_H

/*
 * What derive.c knows, as lines of JSON for lib/keep.h, and back: all of it as it once was, then the records judged
 * since, turn by turn. A turn is kept before what follows from it is written: what was kept of the last one may have
 * been seen or not, and only the next input tells. Pure.
 */

#include "healthd/derive.h"

struct memory_cursor {	/* {0} begins */
	const struct service *service;
	const struct edge *edge;
	int step;
};

/* Appends the next lines of all, about 64 KiB; false: those were the last. */
bool memory_part(const struct derive *, struct memory_cursor *, struct strbuf *out);
/* Appends a mark, then each record that is judged in the turn. */
void memory_turn(struct strbuf *out);
void memory_line(const char *line, size_t len, struct strbuf *out);

/*
 * Into a fresh one, whose rules are set; *last gets the records of the last turn, not judged yet. False: the text is not such;
 * *why says which line.
 */
bool memory_load(struct derive *, const char *text, size_t len, struct strbuf *last, struct strbuf *why);
/*
 * Before the first record is judged: those of the last turn that it is not, or that stand before it, were seen by whoever
 * gives us our input, and are judged in silence. Empties *last.
 */
void memory_catch_up(struct derive *, struct strbuf *last, const char *line, size_t len);

#endif
