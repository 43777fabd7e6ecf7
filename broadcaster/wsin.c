#include <stdlib.h>
#include <string.h>

#include "broadcaster/wsin.h"
#include "lib/utf8.h"
#include "lib/xalloc.h"

enum { FIN = 0x80, RSV = 0x70, RSV1 = 0x40, MASKED = 0x80, OPCODE = 0x0f, CONTROL = 0x08 };
enum { CONTINUATION = 0, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10 };

bool
wsin_close_code(int code)
{
	return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

void
wsin_free(struct wsin *w)
{
	free(w->control);
	w->control = NULL;
}

/* What is wrong with the first byte; NULL: nothing. */
static const char *
judge_first(const struct wsin *w, unsigned char c)
{
	int op = c & OPCODE;

	if (c & RSV && !(w->compressed && (c & RSV) == RSV1 && op && !(op & CONTROL)))
		return "reserved bits";
	if ((op > BINARY && op < CLOSE) || op > PONG)
		return "unknown opcode";
	if (op & CONTROL)
		return c & FIN ? NULL : "control frame in fragments";
	if (op == CONTINUATION)
		return w->in_message ? NULL : "continuation of nothing";
	return w->in_message ? "message inside a message" : NULL;
}

static const char *
judge_second(const struct wsin *w, unsigned char c)
{
	if (!(c & MASKED))
		return "frame not masked";
	if (w->header[0] & CONTROL && (c & 0x7f) > WSIN_CONTROL_MAX)
		return "control frame too long";
	return NULL;
}

/* The whole header is there. */
static const char *
judge_length(struct wsin *w)
{
	const unsigned char *h = w->header;
	int n = h[1] & 0x7f, bytes = n == 127 ? 8 : n == 126 ? 2 : 0;

	w->left = bytes ? 0 : (uint64_t)n;
	for (int i = 0; i < bytes; i++)
		w->left = w->left << 8 | h[2 + i];
	if ((n == 126 && w->left < 126) || (n == 127 && w->left < 65536))
		return "length not in its shortest form";
	return NULL;
}

static const char *
judge(struct wsin *w, unsigned char c)
{
	const char *what = NULL;

	if (w->have == 1) {
		what = judge_first(w, c);
		w->need = 2;
	} else if (w->have == 2) {
		what = judge_second(w, c);
		w->need = (uint8_t)((c & 0x7f) == 127 ? 14 : (c & 0x7f) == 126 ? 8 : 6);
	}
	if (w->have == 3 && w->need == 14 && c & 0x80)
		what = "length over 63 bits";
	if (!what && w->have == w->need)
		what = judge_length(w);
	return what;
}

/* The header of a data frame is whole. */
static bool
is_too_large(struct wsin *w, const struct wsin_ops *ops)
{
	if ((w->header[0] & OPCODE) != CONTINUATION)
		w->message = 0;
	w->message += w->left;
	return w->message > ops->message_max || w->left > ops->message_max;
}

static bool
fail(struct wsin *w, int code, const char *what, const struct wsin_ops *ops, void *arg)
{
	w->ended = true;
	ops->fault(arg, code, what);
	return false;
}

/* One byte of a header; false: the stream ends with it. */
static bool
take_header(struct wsin *w, unsigned char c, const struct wsin_ops *ops, void *arg)
{
	const char *what;

	w->header[w->have++] = c;
	what = judge(w, c);
	if (what)
		return fail(w, WSIN_PROTOCOL, what, ops, arg);
	if (w->have == w->need && !(w->header[0] & CONTROL) && is_too_large(w, ops))
		return fail(w, WSIN_LARGE, "message too large", ops, arg);
	return true;
}

static void
end_close(struct wsin *w, size_t len, const struct wsin_ops *ops, void *arg)
{
	int code = len >= 2 ? w->control[0] << 8 | w->control[1] : WSIN_NO_STATUS;

	w->ended = true;
	if (len == 1 || (len && !wsin_close_code(code)))
		ops->fault(arg, WSIN_PROTOCOL, len == 1 ? "close code cut off" : "close code that must not be sent");
	else if (len > 2 && !utf8_valid((const char *)w->control + 2, len - 2))
		ops->fault(arg, WSIN_UTF8, "close reason not UTF-8");
	else
		ops->close(arg, code);
}

static void
end_control(struct wsin *w, const struct wsin_ops *ops, void *arg)
{
	static unsigned char nothing[1];
	size_t len = w->control_len;

	switch (w->header[0] & OPCODE) {
	case CLOSE:
		end_close(w, len, ops, arg);
		break;
	case PING:
		ops->ping(arg, len ? w->control : nothing, len);
		break;
	default:
		ops->pong(arg);
	}
	w->control_len = 0;
	wsin_free(w);
}

/* Some of a control frame's payload, unmasked; returns how much. */
static size_t
take_control(struct wsin *w, const unsigned char *p, size_t len)
{
	const unsigned char *mask = w->header + 2;
	size_t n = w->left < len ? (size_t)w->left : len;

	if (!w->control)
		w->control = xmalloc(WSIN_CONTROL_MAX);
	for (size_t i = 0; i < n; i++, w->control_len++)
		w->control[w->control_len] = p[i] ^ mask[w->control_len & 3];
	w->left -= n;
	return n;
}

static void
end_frame(struct wsin *w, const struct wsin_ops *ops, void *arg)
{
	w->have = w->need = 0;
	if (w->header[0] & CONTROL)
		end_control(w, ops, arg);
	else
		w->in_message = !(w->header[0] & FIN);
}

static size_t
put(unsigned char *buf, size_t at, const unsigned char *p, size_t n)
{
	if (buf + at != p)
		memmove(buf + at, p, n);
	return at + n;
}

size_t
wsin_take(struct wsin *w, unsigned char *buf, size_t len, const struct wsin_ops *ops, void *arg)
{
	size_t out = 0, n;

	for (size_t at = 0; at < len && !w->ended; at += n) {
		n = 1;
		if (!w->need || w->have < w->need) {
			if (!take_header(w, buf[at], ops, arg))
				break;
		} else if (w->header[0] & CONTROL) {
			n = take_control(w, buf + at, len - at);
		} else {
			n = w->left < len - at ? (size_t)w->left : len - at;
			w->left -= n;
		}
		if (!(w->header[0] & CONTROL))
			out = put(buf, out, buf + at, n);
		if (w->have == w->need && !w->left)
			end_frame(w, ops, arg);
	}
	return out;
}
