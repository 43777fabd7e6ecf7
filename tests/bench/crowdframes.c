#include <string.h>
#include <sys/socket.h>

#include "tests/bench/crowdin.h"

enum { HEAD = 256, TAIL = 64 };	/* where the number and the offset of an event stand */
enum { TEXT = 1, CLOSE = 8, PING = 9, PONG = 10 };

static bool
send_frame(struct crowd_client *c, int op, const char *p, size_t n)
{
	static const unsigned char mask[4] = {0x5a, 0x17, 0xc3, 0x3e};
	unsigned char out[8 + 125] = {(unsigned char)(0x80 | op), (unsigned char)(0x80 | n)};

	if (n > 125)
		return false;
	memcpy(out + 2, mask, 4);
	for (size_t i = 0; i < n; i++)
		out[6 + i] = (unsigned char)p[i] ^ mask[i & 3];
	return send(c->fd, out, 6 + n, MSG_NOSIGNAL) == (ssize_t)(6 + n);
}

bool
crowd_say(size_t client, const char *text, size_t len)
{
	return crowd.v[client].phase == CROWD_OPEN && send_frame(&crowd.v[client], TEXT, text, len);
}

/* The value of a member of a flat piece of JSON, as a number; false: it is not there. */
static bool
member(const char *p, size_t n, const char *name, uint64_t *value)
{
	size_t len = strlen(name);
	const char *at = memmem(p, n, name, len);

	if (!at)
		return false;
	*value = 0;
	for (at += len; at < p + n && *at >= '0' && *at <= '9'; at++)
		*value = *value * 10 + (uint64_t)(*at - '0');
	return true;
}

static void
came(struct crowd_client *c, uint64_t number)
{
	if (number < c->next) {
		crowd_count.doubled++;
		return;
	}
	crowd_count.missing += number - c->next;
	c->next = number + 1;
	if (crowd.ledger)
		ledger_got(crowd.ledger, number, crowd.now);
}

static void
greeted(const char *p, size_t n)
{
	const char *at = memmem(p, n, "\"epoch\":\"", 9);
	size_t len = 0;

	if (at)
		for (at += 9; at + len < p + n && at[len] != '"' && len + 1 < sizeof crowd.epoch;)
			len++;
	if (len) {
		memcpy(crowd.epoch, at, len);
		crowd.epoch[len] = '\0';
	}
	crowd_count.recovered += memmem(p, n, "\"recovered\":true", 16) != NULL;
	crowd_count.not_recovered += memmem(p, n, "\"recovered\":false", 17) != NULL;
}

/* The text of a message, or as much of it as tells what it is. */
static void
message(struct crowd_client *c, const char *p, size_t n)
{
	size_t head = n < HEAD ? n : HEAD, tail = n < TAIL ? n : TAIL;
	uint64_t number;

	if (member(p, head, "\"n\":", &number)) {
		came(c, number);
		if (crowd.offsets)
			member(p + n - tail, tail, "\"offset\":", &c->offset);
		return;
	}
	crowd_count.answers++;
	if (crowd.offsets && !memcmp(p, "{\"type\":\"", n < 9 ? n : 9)) {
		greeted(p, n);
		if (!c->offset)
			member(p, n, "\"offset\":", &c->offset);
	}
}

/* Of who does not inflate: it is the next one. */
static void
compressed(struct crowd_client *c, char *p, size_t n)
{
	static char text[CROWD_MESSAGE_MAX];
	static const char end[4] = {0, 0, (char)0xff, (char)0xff};
	z_stream *z = c->inflate;
	int e;

	crowd_count.compressed++;
	if (!z) {
		if (crowd.ledger)
			came(c, c->next);
		return;
	}
	z->next_out = (unsigned char *)text;
	z->avail_out = sizeof text;
	z->next_in = (unsigned char *)p;
	z->avail_in = (unsigned)n;
	e = inflate(z, Z_NO_FLUSH);
	z->next_in = (unsigned char *)(uintptr_t)end;
	z->avail_in = sizeof end;
	if ((e != Z_OK && e != Z_BUF_ERROR) || ((e = inflate(z, Z_SYNC_FLUSH)) != Z_OK && e != Z_BUF_ERROR) || z->avail_in) {
		crowd_count.wrong++;
		return;
	}
	crowd_count.inflated++;
	message(c, text, sizeof text - z->avail_out);
}

/* False: the client is gone. */
static bool
control(struct crowd_client *c, int op, const char *p, size_t n)
{
	if (op == PING) {
		crowd_count.pings++;
		send_frame(c, PONG, p, n);
	} else if (op == CLOSE) {
		if (crowd_count.closes < CROWD_CLOSES_MAX)
			crowd_count.close[crowd_count.closes++] = n >= 2 ? (unsigned char)p[0] << 8 | (unsigned char)p[1] : 1005;
		send_frame(c, CLOSE, p, n < 2 ? 0 : 2);
		crowd_lose(c);
		return false;
	}
	return true;
}

static bool
frame(struct crowd_client *c, unsigned first, char *p, size_t n)
{
	int op = first & 0xf;

	if (op >= CLOSE)
		return control(c, op, p, n);
	crowd_count.bytes += n + (n < 126 ? 2 : n < 65536 ? 4 : 10);
	if (c->set < CROWD_SETS_MAX) {
		crowd_count.set_messages[c->set]++;
		crowd_count.set_bytes[c->set] += n + (n < 126 ? 2 : n < 65536 ? 4 : 10);
	}
	if (op == 0 || !(first & 0x80)) {	/* in pieces: counted whole, not looked into */
		c->in_pieces = !(first & 0x80);
		if (op == 0 && !c->in_pieces) {
			crowd_count.messages++;
			came(c, c->next);
		}
		return true;
	}
	crowd_count.messages++;
	if (first & 0x40)
		compressed(c, p, n);
	else if (first & 0x30)
		crowd_count.wrong++;
	else
		message(c, p, n);
	return true;
}

size_t
crowd_take(struct crowd_client *c, char *p, size_t n)
{
	size_t at = 0;

	while (n - at >= 2) {
		const unsigned char *b = (unsigned char *)p + at;
		size_t head = 2, len = b[1] & 0x7f;

		if (b[1] & 0x80)
			crowd_count.wrong++;
		if (len >= 126) {
			size_t more = len == 126 ? 2 : 8;

			head += more;
			if (n - at < head)
				break;
			len = 0;
			for (size_t i = 0; i < more; i++)
				len = len << 8 | b[2 + i];
		}
		if (n - at - head < len)
			break;
		if (!frame(c, b[0], p + at + head, len))
			return n;
		at += head + len;
	}
	return at;
}
