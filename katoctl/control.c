#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "katoctl/control.h"
#include "katoctl/place.h"
#include "katoctl/report.h"
#include "katoctl/sock.h"
#include "katoctl/stage.h"
#include "lib/fdio.h"
#include "lib/near.h"
#include "lib/stamp.h"
#include "lib/xalloc.h"

enum { COUNT_MS = 1000 };

struct caller {
	int fd;		/* -1: a free place */
	struct linebuf request;
	struct strbuf out;
	size_t off;	/* of out, sent so far */
	const struct stage *tap;	/* NULL: none */
	uint64_t left_out;	/* lines, since it was last told */
	bool last;	/* hang up when out is sent */
	uint64_t turn;	/* which caller it was: the oldest has the least */
};

struct control {
	char *path;
	int fd;
	int taps;
	uint64_t came;			/* callers, ever */
	struct meter *meters;		/* one a stage; NULL before the first turn */
	int64_t counted_ms;
	struct caller callers[CONTROL_MAX_CALLERS];
};

struct control *
control_new(const char *path)
{
	struct control *c = xcalloc(1, sizeof *c);
	struct strbuf own = {0}, why = {0};
	pid_t owner;

	if (path)
		strbuf_adds(&own, path);
	else if (!place_own(&own, &why))
		die(1, "control socket: %s", why.s);
	c->fd = sock_listen(own.s, 0600, &owner, &why);
	if (owner)
		die(1, "katoctl run is running already, process %d (control socket %s)", (int)owner, own.s);
	if (c->fd < 0)
		die(1, "control socket %s", why.s);
	c->path = xmemdup0(own.s, own.len);
	for (int i = 0; i < CONTROL_MAX_CALLERS; i++)
		c->callers[i].fd = -1;
	strbuf_free(&own);
	return c;
}

static void
hang_up(struct control *c, struct caller *k)
{
	if (k->tap)
		c->taps--;
	close(k->fd);
	linebuf_free(&k->request);
	strbuf_free(&k->out);
	*k = (struct caller){.fd = -1};
}

void
control_del(struct control *c)
{
	if (!c)
		return;
	for (int i = 0; i < CONTROL_MAX_CALLERS; i++)
		if (c->callers[i].fd >= 0)
			hang_up(c, &c->callers[i]);
	unlink(c->path);
	close(c->fd);
	free(c->meters);
	free(c->path);
	free(c);
}

static void
send_out(struct control *c, struct caller *k)
{
	ssize_t n = 1;

	while (k->off < k->out.len && n > 0) {
		n = send(k->fd, k->out.s + k->off, k->out.len - k->off, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0)
			k->off += (size_t)n;
	}
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		hang_up(c, k);
		return;
	}
	if (k->off < k->out.len)
		return;
	strbuf_reset(&k->out);
	k->off = 0;
	if (k->last) {
		hang_up(c, k);
	} else if (k->left_out) {
		strbuf_addf(&k->out, "!%llu\n", (unsigned long long)k->left_out);
		k->left_out = 0;
	}
}

/* Not found: the caller is told, with the name it may have meant. */
static struct stage *
find_stage(struct super *u, struct caller *k, const char *name)
{
	const char *names[PLAN_MAX_STAGES], *near;

	for (size_t i = 0; i < u->n; i++) {
		names[i] = u->v[i].plan->name;
		if (!strcmp(names[i], name))
			return &u->v[i];
	}
	near = near_word(name, names, u->n);
	strbuf_addf(&k->out, "error: %s: no such stage; ", name);
	if (near) {
		strbuf_addf(&k->out, "did you mean %s?", near);
	} else {
		strbuf_adds(&k->out, "there are");
		for (size_t i = 0; i < u->n; i++)
			strbuf_addf(&k->out, "%s %s", i ? "," : "", names[i]);
	}
	strbuf_addc(&k->out, '\n');
	k->last = true;
	return NULL;
}

static void
start_tap(struct super *u, struct caller *k, const char *name)
{
	k->tap = find_stage(u, k, name);
	if (!k->tap)
		return;
	u->control->taps++;
	strbuf_adds(&k->out, "ok\n");
}

static void
start_again(struct super *u, struct caller *k, const char *name)
{
	struct stage *s = find_stage(u, k, name);
	uint64_t before;

	k->last = true;
	if (!s)
		return;
	before = s->restart.starts;
	if (stage_restart(u, s))
		strbuf_addf(&k->out, "ok\n{\"starts\":%llu}\n", (unsigned long long)before);
	else
		strbuf_addf(&k->out, "error: %s: it cannot be started again: %s\n", name,
		    s->plan->kind == PLAN_FEED ? "a feed has no process" : u->stop_ms >= 0 ? "katoctl run is stopping" :
		    "its input has ended");
}

static void
answer(struct super *u, struct caller *k, char *request)
{
	if (!strncmp(request, "tap ", 4)) {
		start_tap(u, k, request + 4);
		return;
	}
	if (!strncmp(request, "restart ", 8)) {
		start_again(u, k, request + 8);
		return;
	}
	k->last = true;
	if (!strcmp(request, "status")) {
		strbuf_adds(&k->out, "ok\n");
		report_json(u, u->control->meters, stamp_mono(), &k->out);
	} else {
		strbuf_adds(&k->out, "error: this katoctl run does not know that request\n");
	}
}

static void
caller_ready(void *super, void *caller)
{
	struct super *u = super;
	struct caller *k = caller;
	size_t room, len;
	ssize_t n;
	char *p;

	if (k->fd < 0)
		return;
	p = linebuf_space(&k->request, &room);
	n = fd_read(k->fd, p, room);
	if (n == 0 || (n < 0 && errno != EAGAIN)) {
		hang_up(u->control, k);
		return;
	}
	if (n > 0)
		linebuf_filled(&k->request, (size_t)n);
	while (linebuf_next(&k->request, &p, &len))
		if (!k->tap && !k->last) {
			p[len] = '\0';
			answer(u, k, p);
		}
	if (k->request.toolong)
		k->last = true;
	send_out(u->control, k);
}

/*
 * A request is answered in the turn it comes in, so who is here and taps nothing has not asked yet, or does not
 * read: the oldest of these makes room for one who may. Where all tap, the oldest tap does.
 */
static struct caller *
place_for_one(struct control *c)
{
	struct caller *oldest = NULL;

	for (int i = 0; i < CONTROL_MAX_CALLERS; i++) {
		struct caller *k = &c->callers[i];

		if (k->fd < 0)
			return k;
		if (!oldest || (!k->tap && oldest->tap) || (!k->tap == !oldest->tap && k->turn < oldest->turn))
			oldest = k;
	}
	hang_up(c, oldest);
	return oldest;
}

static void
accept_ready(void *super, void *arg)
{
	struct control *c = ((struct super *)super)->control;
	int fd = sock_accept(c->fd);
	struct caller *k;

	(void)arg;
	if (fd < 0)
		return;
	k = place_for_one(c);
	linebuf_init(&k->request, CONTROL_REQUEST_MAX);
	k->fd = fd;
	k->turn = ++c->came;
}

static void
count(struct super *u)
{
	struct control *c = u->control;
	int64_t now = stamp_mono();

	if (!c->meters)
		c->meters = xcalloc(u->n, sizeof *c->meters);
	else if (now - c->counted_ms < COUNT_MS)
		return;
	c->counted_ms = now;
	for (size_t i = 0; i < u->n; i++)
		meter_count(&c->meters[i], now, u->v[i].count.lines, u->v[i].count.bytes);
}

void
control_watch(struct super *u)
{
	struct control *c = u->control;

	count(u);
	loop_add(&u->loop, c->fd, POLLIN, accept_ready, u, NULL);
	for (int i = 0; i < CONTROL_MAX_CALLERS; i++) {
		struct caller *k = &c->callers[i];

		loop_add(&u->loop, k->fd, k->out.len || k->left_out ? POLLIN | POLLOUT : POLLIN, caller_ready, u, k);
	}
}

static void
tap_line(struct caller *k, const char *p, size_t n)
{
	if (k->off > CONTROL_TAP_BYTES / 2) {
		k->out.len -= k->off;
		memmove(k->out.s, k->out.s + k->off, k->out.len);
		k->off = 0;
	}
	if (k->left_out || k->out.len - k->off + n > CONTROL_TAP_BYTES) {
		k->left_out++;
		return;
	}
	strbuf_addc(&k->out, '=');
	strbuf_add(&k->out, p, n);
}

void
control_tapped(struct super *u, const struct stage *s, const char *p, size_t n)
{
	const char *end = p + n;

	if (s && u->control->meters)
		meter_look(&u->control->meters[s - u->v], stamp_mono(), p, n);
	if (!u->control->taps || !s)
		return;
	for (int i = 0; i < CONTROL_MAX_CALLERS; i++) {
		struct caller *k = &u->control->callers[i];

		if (k->fd < 0 || k->tap != s)
			continue;
		for (const char *q = p, *nl; q < end && (nl = memchr(q, '\n', (size_t)(end - q))); q = nl + 1)
			tap_line(k, q, (size_t)(nl + 1 - q));
		send_out(u->control, k);
	}
}
