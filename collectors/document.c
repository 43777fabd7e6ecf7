#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/document.h"
#include "lib/json.h"
#include "lib/record.h"
#include "lib/xalloc.h"

static const char mark[] = "\xef\xbb\xbf";

bool
document_line(const char *body, size_t len, struct strbuf *out, struct strbuf *why)
{
	size_t at = 0, skip = len >= 3 && !memcmp(body, mark, 3) ? 3 : 0, from = out->len;
	struct span s = json_trim(body + skip, len - skip);
	enum json_error error;

	if (!s.len) {
		strbuf_adds(why, "the answer is empty");
		return false;
	}
	error = json_check(s.p, s.len, &at);
	if (error) {
		strbuf_addf(why, "the answer is not JSON: %s at byte %zu", json_strerror(error), (size_t)(s.p - body) + at);
		return false;
	}
	if (json_is(s, 'n')) {
		strbuf_adds(why, "the answer is null: nothing to carry");
		return false;
	}
	strbuf_add(out, s.p, s.len);
	for (char *p = out->s + from; *p; p++)
		if (*p == '\n' || *p == '\r')
			*p = ' ';
	return true;
}

/* RFC 9110 5.6.2: what a field's name is made of. */
static bool
is_name(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)p[i]) && !strchr("!#$%&'*+-.^_`|~", p[i]))
			return false;
	return n > 0;
}

/* NULL: fine. */
static const char *
header_fault(const char *line, size_t n)
{
	const char *colon = memchr(line, ':', n);

	if (n > DOCUMENT_HEADER_BYTES)
		return "longer than 8192 bytes";
	if (!colon)
		return "want Name: value";
	if (!is_name(line, (size_t)(colon - line)))
		return "this is no header's name";
	for (size_t i = 0; i < n; i++)
		if (((unsigned char)line[i] < ' ' && line[i] != '\t') || line[i] == 0x7f)
			return "a control character in it";
	for (const char *p = colon + 1; p < line + n; p++)
		if (*p != ' ' && *p != '\t')
			return NULL;
	return "it has no value";
}

bool
document_headers(const char *text, size_t len, struct strlist *out, struct strbuf *why)
{
	const char *end = text + len, *next;
	size_t number = 0;

	for (const char *p = text; p < end; p = next + 1) {
		const char *fault;
		size_t n;

		next = memchr(p, '\n', (size_t)(end - p));
		if (!next)
			next = end;
		number++;
		n = (size_t)(next - p);
		while (n && isspace((unsigned char)p[n - 1]))
			n--;
		if (!n || *p == '#')
			continue;
		fault = out->n >= DOCUMENT_HEADERS_MAX ? "more than 64 headers" : header_fault(p, n);
		if (fault) {
			strbuf_addf(why, "%zu: %s", number, fault);
			return false;
		}
		out->v = xreallocarray(out->v, out->n + 1, sizeof *out->v);
		out->v[out->n++] = xmemdup0(p, n);
	}
	return true;
}

void
document_headers_free(struct strlist *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	*l = (struct strlist){0};
}

bool
document_type(const char *word)
{
	struct strbuf line = {0};
	struct record r;
	bool good;

	strbuf_adds(&line, "{\"type\":");
	strbuf_addjsons(&line, word);
	strbuf_addc(&line, '}');
	good = record_parse(line.s, line.len, &r) == RECORD_OK && !record_is(&r, "source_status");
	strbuf_free(&line);
	return good;
}
