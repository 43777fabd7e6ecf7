#include <stdbool.h>
#include <string.h>

#include "collectors/plain.h"
#include "lib/json.h"
#include "lib/utf8.h"

/*
 * Where the user and password of a URL end whose authority begins at p; p: it has none. A password may hold an '@', and
 * more: rather too much goes than too little.
 */
static const char *
skip_secret(const char *p, const char *end)
{
	const char *behind = p;

	for (const char *q = p; q < end && (unsigned char)*q > ' ' && *q != '"' && *q != '\''; q++)
		if (*q == '@')
			behind = q + 1;
	return behind;
}

void
plain_text(const char *text, size_t len, struct strbuf *out)
{
	size_t start = out->len, n;
	const char *end = text + len, *p = text;

	while (p < end && out->len - start < PLAIN_MAX) {
		n = utf8_len(p, (size_t)(end - p));
		if (n <= 1)
			strbuf_addc(out, n == 0 ? '?' : (unsigned char)*p < ' ' || *p == 0x7f ? ' ' : *p);
		else
			strbuf_add(out, p, n);
		p += n ? n : 1;
		if (p - text >= 3 && !memcmp(p - 3, "://", 3)) {
			const char *behind = skip_secret(p, end);

			if (behind > p)
				strbuf_adds(out, "***@");
			p = behind;
		}
		if (out->len == start + 1 && out->s[start] == ' ')
			out->len = start;
	}
	while (out->len > start && out->s[out->len - 1] == ' ')
		out->len--;
	if (p < end)
		strbuf_adds(out, "...");
	if (out->s)
		out->s[out->len] = '\0';
}

static bool
add_string(struct span value, struct strbuf *out)
{
	struct strbuf s = {0};
	bool good = json_string(value, &s);

	if (good)
		plain_text(s.s ? s.s : "", s.len, out);
	strbuf_free(&s);
	return good;
}

void
plain_error(const char *body, size_t len, struct strbuf *out)
{
	struct span doc, detail, first;
	struct json_iter it;
	size_t at;

	if (json_check(body, len, &at) != JSON_OK)
		return;
	doc = json_trim(body, len);
	detail = json_member(doc, "detail");
	it = json_iter(detail);
	if (add_string(detail, out) || add_string(json_member(doc, "error"), out) || add_string(json_path(doc, "error.message"), out))
		return;
	if (json_is(detail, '[') && json_next_element(&it, &first))
		add_string(json_member(first, "msg"), out);
}
