#include <string.h>

#include "broadcaster/headin.h"

/* "HTTP/1.1": how much of it is matched is in part; a target is what stands between the first two spaces. */
static const char version[] = "HTTP/1.";

enum { HASH_BEGIN = 5381, METHOD_MAX = 32 };

static bool
is_token(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    (c && strchr("!#$%&'*+-.^_`|~", c));
}

static uint32_t
mix(uint32_t h, unsigned char c)
{
	return h * 33 ^ (c >= 'A' && c <= 'Z' ? c + 32u : c);
}

static uint32_t
hash_of(const char *name)
{
	uint32_t h = HASH_BEGIN;

	for (; *name; name++)
		h = mix(h, (unsigned char)*name);
	return h;
}

static void
note(struct headin *h)
{
	h->has_body = h->has_body || h->name == hash_of("content-length") || h->name == hash_of("transfer-encoding");
	h->has_upgrade = h->has_upgrade || h->name == hash_of("upgrade");
	h->has_key = h->has_key || h->name == hash_of("sec-websocket-key");
}

static bool
fail(struct headin_fault *f, int status, const char *detail)
{
	*f = (struct headin_fault){status, detail};
	return false;
}

/* A byte of "METHOD target HTTP/1.1". */
static bool
take_first(struct headin *h, unsigned char c, struct headin_fault *f)
{
	if (c == ' ') {
		if (!h->line || h->spaces == 2)
			return fail(f, 400, "the request line is not METHOD TARGET VERSION");
		h->spaces++;
		h->part = 0;
		return true;
	}
	if (c < ' ' || c == 127)
		return fail(f, 400, "a control character in the request line");
	if (h->spaces == 0 && (!is_token(c) || h->line >= METHOD_MAX))
		return fail(f, 400, "the method is not a word");
	if (h->spaces == 2) {
		size_t at = h->part;

		if (at < sizeof version - 1 && c != (unsigned char)version[at])
			return fail(f, at < 5 ? 400 : 505, at < 5 ? "the request line does not end in a version" : "HTTP/1.1 is spoken here");
		if (at == sizeof version - 1 && (c < '0' || c > '9'))
			return fail(f, 400, "the request line does not end in a version");
		if (at >= sizeof version)
			return fail(f, 400, "the request line goes on behind its version");
	}
	if (h->part < UINT8_MAX)
		h->part++;
	return true;
}

static bool
end_first(struct headin *h, struct headin_fault *f)
{
	if (h->spaces != 2 || h->part != sizeof version)
		return fail(f, 400, "the request line is not METHOD TARGET VERSION");
	h->first_done = true;
	return true;
}

/* A byte of "Name: value". */
static bool
take_field(struct headin *h, unsigned char c, struct headin_fault *f)
{
	if (!h->line && (c == ' ' || c == '\t'))
		return fail(f, 400, "a header line is folded");
	if (!h->line)
		h->name = HASH_BEGIN;
	if (h->colon) {
		if ((c < ' ' && c != '\t') || c == 127)
			return fail(f, 400, "a control character in a header");
	} else if (c == ':') {
		if (!h->line)
			return fail(f, 400, "a header without a name");
		h->colon = true;
		note(h);
	} else if (!is_token(c)) {
		return fail(f, 400, "a header's name is not a word");
	} else {
		h->name = mix(h->name, c);
	}
	return true;
}

static bool
end_field(struct headin *h, struct headin_fault *f)
{
	if (!h->colon)
		return fail(f, 400, "a header line without a colon");
	if (++h->fields > HEADIN_FIELDS_MAX)
		return fail(f, 431, "too many header lines");
	h->colon = false;
	return true;
}

static bool
end_line(struct headin *h, struct headin_fault *f)
{
	bool good = h->first_done ? end_field(h, f) : end_first(h, f);

	h->line = 0;
	return good;
}

static bool
within(const struct headin *h, struct headin_fault *f)
{
	if (!h->first_done && h->bytes > HEADIN_LINE_MAX)
		return fail(f, 414, "the request line is too long");
	if (h->bytes > HEADIN_MAX)
		return fail(f, 431, "the headers are too long");
	return true;
}

/* One byte that is neither CR nor LF. */
static bool
take_byte(struct headin *h, unsigned char c, struct headin_fault *f)
{
	if (!(h->first_done ? take_field(h, c, f) : take_first(h, c, f)))
		return false;
	h->line++;
	return true;
}

enum headin_result
headin_take(struct headin *h, const char *bytes, size_t len, size_t *used, struct headin_fault *f)
{
	if (!h->bytes)
		*h = (struct headin){0};
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];

		*used = i + 1;
		h->bytes++;
		if (!within(h, f))
			return HEADIN_BAD;
		if (h->cr != (c == '\n')) {
			fail(f, 400, h->cr ? "CR without LF" : "LF without CR");
			return HEADIN_BAD;
		}
		h->cr = c == '\r';
		if (c == '\r')
			continue;
		if (c != '\n') {
			if (!take_byte(h, c, f))
				return HEADIN_BAD;
		} else if (h->line) {
			if (!end_line(h, f))
				return HEADIN_BAD;
		} else if (h->first_done) {
			h->bytes = 0;
			return HEADIN_WHOLE;
		} else if (h->bytes > 2) {
			fail(f, 400, "empty lines instead of a request");
			return HEADIN_BAD;
		}
	}
	*used = len;
	return HEADIN_MORE;
}
