#include <stdlib.h>
#include <string.h>

#include "broadcaster/frame.h"
#include "lib/utf8.h"
#include "lib/xalloc.h"

static size_t alive;

enum { REASON_MAX = 123, CACHE_FIRST = 64, CACHE_KEEP = 4096, LIST_KEEP = 64 };

static struct frame *
alloc(size_t len)
{
	static uint64_t serial;
	struct frame *f = xmalloc(sizeof *f + FRAME_PRE + len);

	serial++;
	*f = (struct frame){.refs = 1, .serial = serial, .len = len, .room = len};
	alive += sizeof *f + FRAME_PRE + len;
	return f;
}

size_t
frame_memory(void)
{
	return alive;
}

unsigned char *
frame_bytes(struct frame *f)
{
	return f->buf + FRAME_PRE;
}

size_t
frame_header(enum frame_op op, size_t n, unsigned char out[FRAME_HEADER_MAX])
{
	out[0] = (unsigned char)(0x80 | op);
	if (n < 126) {
		out[1] = (unsigned char)n;
		return 2;
	}
	if (n < 65536) {
		out[1] = 126;
		out[2] = (unsigned char)(n >> 8);
		out[3] = (unsigned char)n;
		return 4;
	}
	out[1] = 127;
	for (int i = 0; i < 8; i++)
		out[2 + i] = (unsigned char)((uint64_t)n >> (56 - 8 * i));
	return 10;
}

struct frame *
frame_new(enum frame_op op, const char *type, const void *payload, size_t len)
{
	unsigned char head[FRAME_HEADER_MAX];
	size_t h = frame_header(op, len, head);
	struct frame *f = alloc(h + len);

	memcpy(frame_bytes(f), head, h);
	if (len)
		memcpy(frame_bytes(f) + h, payload, len);
	f->type = type;
	f->messages = op == FRAME_TEXT || op == FRAME_DEFLATED;
	return f;
}

static char *
put(char *p, const char *text, size_t len)
{
	memcpy(p, text, len);
	return p + len;
}

struct frame *
frame_new_event(const char *id, const char *type, const void *payload, size_t len)
{
	static const char id_field[] = "id: ", data_field[] = "data: ";
	const char *at = payload, *end = at + len;
	size_t size = (id ? sizeof id_field + strlen(id) : 0) + sizeof data_field + len + 1, line;
	struct frame *f;
	char *p;

	for (const char *q = at; q < end; q++)
		size += *q == '\n' || *q == '\r' ? sizeof data_field - 1 : 0;
	f = alloc(size);
	p = (char *)frame_bytes(f);
	if (id) {
		p = put(p, id_field, sizeof id_field - 1);
		p = put(p, id, strlen(id));
		*p++ = '\n';
	}
	for (;; at += line + 1) {
		for (line = 0; at + line < end && at[line] != '\n' && at[line] != '\r'; line++)
			;
		p = put(p, data_field, sizeof data_field - 1);
		p = put(p, at, line);
		*p++ = '\n';
		if (at + line == end)
			break;
	}
	*p++ = '\n';
	f->len = (size_t)(p - (char *)frame_bytes(f));
	f->type = type;
	f->messages = 1;
	return f;
}

struct frame *
frame_new_bytes(const void *bytes, size_t len)
{
	struct frame *f = alloc(len);

	if (len)
		memcpy(frame_bytes(f), bytes, len);
	return f;
}

struct frame *
frame_close(int code, const char *reason)
{
	char payload[2 + REASON_MAX];
	size_t n = 0, left = strlen(reason), step;

	payload[0] = (char)(code >> 8);
	payload[1] = (char)code;
	while (left && (step = utf8_len(reason + n, left)) && n + step <= REASON_MAX) {
		memcpy(payload + 2 + n, reason + n, step);
		n += step;
		left -= step;
	}
	return frame_new(FRAME_CLOSE, NULL, payload, 2 + n);
}

struct frame *
frame_join(struct frame *const *v, size_t n)
{
	struct frame *f;
	size_t len = 0;

	if (n == 1)
		return frame_ref(v[0]);
	for (size_t i = 0; i < n; i++)
		len += v[i]->len;
	f = alloc(len);
	len = 0;
	for (size_t i = 0; i < n; i++) {
		memcpy(frame_bytes(f) + len, frame_bytes(v[i]), v[i]->len);
		len += v[i]->len;
		f->messages += v[i]->messages;
		if (v[i]->ms && (!f->ms || v[i]->ms < f->ms))
			f->ms = v[i]->ms;
	}
	return f;
}

struct frame *
frame_ref(struct frame *f)
{
	f->refs++;
	return f;
}

void
frame_unref(struct frame *f)
{
	if (!f || --f->refs)
		return;
	for (size_t i = 0; i < FRAME_FORMS; i++)
		if (f->deflated[i] != f)
			frame_unref(f->deflated[i]);
	alive -= sizeof *f + FRAME_PRE + f->room;
	free(f);
}

void
frames_add(struct frames *l, struct frame *f)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 8;
		l->v = xreallocarray(l->v, l->cap, sizeof *l->v);
	}
	l->v[l->n++] = f;
	l->bytes += f->len;
}

void
frames_reset(struct frames *l)
{
	for (size_t i = 0; i < l->n; i++)
		frame_unref(l->v[i]);
	l->n = l->bytes = 0;
	if (l->cap > LIST_KEEP) {
		free(l->v);
		l->v = NULL;
		l->cap = 0;
	}
}

void
frames_free(struct frames *l)
{
	frames_reset(l);
	free(l->v);
	*l = (struct frames){0};
}

uint64_t
frame_key(uint64_t key, uint64_t more)
{
	/* one round of splitmix64 over both */
	key = (key + 1) * 0x9e3779b97f4a7c15u + more;
	key = (key ^ key >> 30) * 0xbf58476d1ce4e5b9u;
	key = (key ^ key >> 27) * 0x94d049bb133111ebu;
	return key ^ key >> 31;
}

static struct frame_slot *
find(struct frame_slot *slot, size_t cap, uint64_t key)
{
	size_t i = key & (cap - 1);

	while (slot[i].frame && slot[i].key != key)
		i = (i + 1) & (cap - 1);
	return &slot[i];
}

struct frame *
frame_cache_get(const struct frame_cache *c, uint64_t key)
{
	struct frame_slot *s = c->n ? find(c->slot, c->cap, key) : NULL;

	return s && s->frame ? frame_ref(s->frame) : NULL;
}

static void
grow(struct frame_cache *c)
{
	struct frame_cache to = {.cap = c->cap ? 2 * c->cap : CACHE_FIRST};

	to.slot = xcalloc(to.cap, sizeof *to.slot);
	for (size_t i = 0; i < c->cap; i++)
		if (c->slot[i].frame)
			*find(to.slot, to.cap, c->slot[i].key) = c->slot[i];
	to.n = c->n;
	free(c->slot);
	*c = to;
}

void
frame_cache_put(struct frame_cache *c, uint64_t key, struct frame *f)
{
	struct frame_slot *s;

	if (2 * c->n >= c->cap)
		grow(c);
	s = find(c->slot, c->cap, key);
	frame_ref(f);
	if (s->frame)
		frame_unref(s->frame);
	else
		c->n++;
	*s = (struct frame_slot){key, f};
}

void
frame_cache_clear(struct frame_cache *c)
{
	if (!c->n)
		return;
	for (size_t i = 0; i < c->cap; i++)
		frame_unref(c->slot[i].frame);
	if (c->cap > CACHE_KEEP) {
		free(c->slot);
		c->slot = NULL;
		c->cap = 0;
	} else {
		memset(c->slot, 0, c->cap * sizeof *c->slot);
	}
	c->n = 0;
}

void
frame_cache_free(struct frame_cache *c)
{
	frame_cache_clear(c);
	free(c->slot);
	*c = (struct frame_cache){0};
}
