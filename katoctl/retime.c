#include <string.h>

#include "katoctl/retime.h"
#include "lib/stamp.h"

struct change {
	const struct record *r;
	bool moves;
	int64_t by_ms;
	const char *id_end;	/* the closing quote of the id; NULL: it stays */
	const char *suffix;
};

/* Is there a string of the stream's own form at the quote q? Names of members and escaped quotes are not. */
static bool
own_stamp(const char *line, const char *q, const char *end, int64_t *ms)
{
	char form[STAMP_LEN + 1];

	if (end - q < STAMP_LEN + 2 || q[STAMP_LEN + 1] != '"' || (q > line && q[-1] == '\\'))
		return false;
	if (q[5] != '-' || q[20] != '.' || !stamp_parse(q + 1, STAMP_LEN, ms))
		return false;
	if (memcmp(stamp_format(*ms, form), q + 1, STAMP_LEN) != 0)
		return false;
	for (q += STAMP_LEN + 2; q < end && (*q == ' ' || *q == '\t'); q++)
		;
	return q == end || *q != ':';
}

static void
add_stamp(struct strbuf *out, int64_t ms)
{
	char t[STAMP_LEN + 1];

	strbuf_addf(out, "\"%s\"", stamp_format(ms, t));
}

/* What takes the place of the text at the quote q; the number of bytes it takes the place of. */
static size_t
change_at(const struct change *c, const char *line, const char *q, const char *end, struct strbuf *out)
{
	int64_t ms;

	if (q == c->id_end) {
		strbuf_adds(out, c->suffix);
	} else if (c->moves && q == c->r->timestamp.p) {
		add_stamp(out, c->r->ms + c->by_ms);
		return c->r->timestamp.len;
	} else if (c->moves && own_stamp(line, q, end, &ms) && q + STAMP_LEN + 1 != c->id_end) {
		add_stamp(out, ms + c->by_ms);
		return STAMP_LEN + 2;
	}
	strbuf_addc(out, '"');
	return 1;
}

void
retime_line(const struct record *r, const char *line, size_t n, int64_t to_ms, const char *suffix, struct strbuf *out)
{
	struct change c = {.r = r, .suffix = suffix};
	const char *end = line + n, *p = line, *q;

	c.moves = r->stamped && to_ms != RETIME_KEEP;
	c.by_ms = c.moves ? to_ms - r->ms : 0;
	if (suffix && json_is(r->id, '"'))
		c.id_end = r->id.p + r->id.len - 1;
	while ((c.moves || c.id_end) && (q = memchr(p, '"', (size_t)(end - p)))) {
		strbuf_add(out, p, (size_t)(q - p));
		p = q + change_at(&c, line, q, end, out);
	}
	strbuf_add(out, p, (size_t)(end - p));
}
