/* Lines of any input, read in any pieces, are those a plain search for newlines finds. */

#include <stdlib.h>
#include <string.h>

#include "lib/linebuf.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

struct want {
	const char *p, *end;
	size_t max;
	uint64_t lines, toolong, skipped;
};

static void
must(int good)
{
	if (!good)
		abort();
}

/* The next line that is not too long; the rest without a newline is one. */
static const char *
want_next(struct want *w, size_t *len)
{
	while (w->p < w->end) {
		const char *line = w->p, *nl = memchr(line, '\n', (size_t)(w->end - line));

		*len = (size_t)((nl ? nl : w->end) - line);
		w->p = nl ? nl + 1 : w->end;
		if (*len <= w->max) {
			w->lines++;
			return line;
		}
		w->toolong++;
		w->skipped += *len;
	}
	return NULL;
}

static void
compare(struct want *w, const char *line, size_t len)
{
	size_t n;
	const char *p = want_next(w, &n);

	must(p && n == len && !memcmp(p, line, n));
}

static void
compare_run(struct want *w, const char *lines, size_t n)
{
	const char *nl;

	must(n && lines[n - 1] == '\n');
	for (; n; n -= (size_t)(nl + 1 - lines), lines = nl + 1) {
		nl = memchr(lines, '\n', n);
		compare(w, lines, (size_t)(nl - lines));
	}
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct linebuf lb;
	struct want w;
	size_t step, room, n, len;
	char *line, *p;

	if (size < 2)
		return 0;
	step = 1 + data[0] * (size_t)17;
	w = (struct want){.p = (const char *)data + 2, .end = (const char *)data + size, .max = data[1] * (size_t)41};
	linebuf_init(&lb, w.max);
	for (size_t at = 2; at < size; at += n) {
		p = linebuf_space(&lb, &room);
		n = size - at < step ? size - at : step;
		n = n < room ? n : room;
		memcpy(p, data + at, n);
		linebuf_filled(&lb, n);
		if (data[0] & 1) {
			while (linebuf_run(&lb, &line, &len))
				compare_run(&w, line, len);
		} else {
			while (linebuf_next(&lb, &line, &len))
				compare(&w, line, len);
		}
	}
	if (linebuf_rest(&lb, &line, &len))
		compare(&w, line, len);
	must(!want_next(&w, &len));
	must(lb.lines == w.lines && lb.toolong == w.toolong && lb.skipped_bytes == w.skipped);
	linebuf_free(&lb);
	return 0;
}
