#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/watch.h"
#include "lib/stamp.h"

enum {
	BACKOFF_FIRST_MS = 200,
	BACKOFF_MAX_MS = 5000,
	SAY_EVERY_MS = 60000,
	OVERLAP_MS = 1000,	/* events may come out of order: this much is asked for again, and known ones dropped */
};

void
watch_init(struct watch *w, struct docker *d, void (*on_event)(void *, const struct container_event *), void *arg)
{
	*w = (struct watch){.docker = d, .on_event = on_event, .arg = arg};
	linebuf_init(&w->lines, LINE_MAX_BYTES);
}

void
watch_free(struct watch *w)
{
	if (w->stream)
		http_cancel(w->docker->http, w->stream);
	w->stream = NULL;
	linebuf_free(&w->lines);
	container_event_free(&w->event);
}

void
watch_since(struct watch *w, int64_t wall_ms)
{
	w->newest_ns = (wall_ms + OVERLAP_MS) * 1000000;
}

void
watch_restart(struct watch *w)
{
	w->again = true;
}

/* FNV-1a */
static uint64_t
hash(const char *s, size_t n)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * 1099511628211u;
	return h;
}

/* Was this one handed on before? It is remembered. */
static bool
known(struct watch *w)
{
	struct strbuf id = {0};
	uint64_t h;

	container_event_id(&w->event, &id);
	h = hash(id.s, id.len);
	strbuf_free(&id);
	for (size_t i = 0; i < w->nseen && i < WATCH_REMEMBERED; i++)
		if (w->seen[i] == h)
			return true;
	w->seen[w->nseen++ % WATCH_REMEMBERED] = h;
	return false;
}

static void
take_line(struct watch *w, const char *line, size_t len)
{
	uint64_t unsaid;
	int64_t ns;

	switch (container_event(line, len, &w->event)) {
	case TOLD_NOISE:
		return;
	case TOLD_GARBLED:
		if (len && log_gate_open(&w->garbled, stamp_mono(), SAY_EVERY_MS, &unsaid))
			log_warn("%s: GET /events: a line that is no event (%" PRIu64 " so far)", w->docker->host, w->garbled.count);
		return;
	case TOLD_EVENT:
		break;
	}
	if (known(w))
		return;
	ns = strtoll(w->event.nano.s, NULL, 10);
	if (ns > w->newest_ns)
		w->newest_ns = ns;
	w->on_event(w->arg, &w->event);
}

static void
on_bytes(void *arg, const char *p, size_t n)
{
	struct watch *w = arg;
	size_t room, part, len;
	char *to, *line;

	w->backoff = 0;
	while (n) {
		to = linebuf_space(&w->lines, &room);
		part = n < room ? n : room;
		memcpy(to, p, part);
		linebuf_filled(&w->lines, part);
		p += part;
		n -= part;
		while (linebuf_next(&w->lines, &line, &len))
			take_line(w, line, len);
	}
}

static void
retry(struct watch *w, int64_t mono)
{
	w->backoff = w->backoff ? w->backoff * 2 : BACKOFF_FIRST_MS;
	if (w->backoff > BACKOFF_MAX_MS)
		w->backoff = BACKOFF_MAX_MS;
	w->next_try = mono + w->backoff;
}

static void
on_done(void *arg, const struct http_reply *r)
{
	struct watch *w = arg;
	struct strbuf why = {0};
	int64_t mono = stamp_mono();
	uint64_t unsaid;

	w->stream = NULL;
	retry(w, mono);
	if (r->status == 200)
		strbuf_addf(&why, "%s: GET /events: the engine closed the stream", w->docker->host);
	else
		docker_describe(w->docker, "GET /events", r, &why);
	if (log_gate_open(&w->lost, mono, SAY_EVERY_MS, &unsaid))
		log_warn("%s; connecting again", why.s);
	strbuf_free(&why);
}

void
watch_run(struct watch *w, int64_t mono)
{
	char since[40];
	int64_t from = w->newest_ns - OVERLAP_MS * INT64_C(1000000);

	if (w->again && w->stream) {
		http_cancel(w->docker->http, w->stream);
		w->stream = NULL;
		retry(w, mono);
	}
	w->again = false;
	if (w->stream || mono < w->next_try || !*w->docker->version)
		return;
	linebuf_free(&w->lines);
	linebuf_init(&w->lines, LINE_MAX_BYTES);
	snprintf(since, sizeof since, "%" PRId64 ".%09" PRId64, from / 1000000000, from % 1000000000);
	w->stream = docker_get_events(w->docker, w->newest_ns ? since : NULL, on_bytes, on_done, w);
}

int
watch_wait(const struct watch *w, int64_t mono)
{
	if (w->again)
		return 0;
	if (w->stream || !*w->docker->version)
		return -1;
	return w->next_try > mono ? (int)(w->next_try - mono) : 0;
}
