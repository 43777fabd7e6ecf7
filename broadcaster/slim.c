#include <stdbool.h>
#include <string.h>

#include "broadcaster/slim.h"

static bool
begins(const char *s, const char *end, const char *with)
{
	size_t n = strlen(with);

	return (size_t)(end - s) >= n && !memcmp(s, with, n);
}

static bool
ends(const char *s, const char *end, const char *with)
{
	size_t n = strlen(with);

	while (end > s && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
		end--;
	return (size_t)(end - s) >= n && !memcmp(end - n, with, n);
}

static const char *
find(const char *s, const char *end, const char *what)
{
	return memmem(s, (size_t)(end - s), what, strlen(what));
}

void
slim(const char *data, size_t len, struct strbuf *out)
{
	const char *end = data + len;
	bool inside = false;

	for (const char *line = data, *eol, *next; line < end; line = next) {
		eol = memchr(line, '\n', (size_t)(end - line));
		next = eol ? eol + 1 : end;
		if (!eol)
			eol = end;
		while (line < eol && (*line == '\t' || *line == ' '))
			line++;
		if (inside) {
			if (!(line = find(line, eol, "*/")))
				continue;
			inside = false;
			for (line += 2; line < eol && (*line == '\t' || *line == ' ');)
				line++;
		}
		if (line == eol || begins(line, eol, "//"))
			continue;
		/* The first end of the comment must end the line, or program follows it. */
		if (begins(line, eol, "/*")) {
			const char *close = find(line + 2, eol, "*/");

			if (!close) {
				inside = true;
				continue;
			}
			if (ends(close, eol, "*/") && !find(close + 2, eol, "*/"))
				continue;
		}
		strbuf_add(out, line, (size_t)(next - line));
	}
}
