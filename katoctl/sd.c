#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "katoctl/sd.h"
#include "katoctl/stage.h"
#include "lib/sdlisten.h"
#include "lib/sdnotify.h"
#include "lib/strbuf.h"
#include "lib/xalloc.h"

enum {
	STATUS_EVERY_MS = 500,
	STATUS_NAMES = 4,	/* stages that do not run are named up to so many */
	STOP_MARGIN_MS = 5000,
};

struct sd {
	struct sdnotify to;
	struct sdlisten given;	/* fd -1: handed on */
	bool ready, stopping;
	int64_t alive_ms;	/* the watchdog was told; -1: not yet */
	int64_t told_ms;	/* when the status was; -1: not yet */
	bool late;		/* it has changed, too soon after */
	uint64_t seen;		/* states_sum, then */
	char *told;
};

static bool
listens_at(int fd, const char *path)
{
	struct sockaddr_un a = {0};
	socklen_t len = sizeof a, size = sizeof(int);
	int listens = 0;

	return getsockname(fd, (struct sockaddr *)&a, &len) == 0 && a.sun_family == AF_UNIX && len <= sizeof a &&
	    strnlen(a.sun_path, sizeof a.sun_path) == strlen(path) && !strncmp(a.sun_path, path, sizeof a.sun_path) &&
	    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens;
}

int
sd_socket(const struct sd *sd, const char *path)
{
	for (size_t i = 0; i < sd->given.n; i++)
		if (sd->given.v[i].fd >= 0 && listens_at(sd->given.v[i].fd, path))
			return sd->given.v[i].fd;
	return -1;
}

void
sd_hand_over(struct sd *sd, struct stage *s)
{
	size_t len = strlen(s->plan->name);

	for (size_t i = 0; i < sd->given.n; i++) {
		struct sdlisten_socket *g = &sd->given.v[i];
		struct store_word word = {.store = true, .fd = g->fd};

		if (g->fd < 0 || strncmp(g->name, s->plan->name, len) != 0 || (g->name[len] && g->name[len] != '/'))
			continue;
		if (g->name[len])
			snprintf(word.name, sizeof word.name, "%s", g->name + len + 1);
		else	/* a socket unit's all have one name */
			snprintf(word.name, sizeof word.name, "unit-%zu", i);
		store_take(&s->store, &word);
		g->fd = -1;
	}
}

void
sd_forward(struct super *u, const struct stage *s, const struct store_word *w)
{
	struct strbuf name = {0};

	strbuf_addf(&name, "%s/%s", s->plan->name, w->name);
	if (*w->name && w->remove)
		sdnotify_unstore(&u->sd->to, name.s);
	if (*w->name && w->store && w->fd >= 0)
		sdnotify_store(&u->sd->to, name.s, w->fd);
	strbuf_free(&name);
}

struct sd *
sd_new(void)
{
	struct sd *sd = xcalloc(1, sizeof *sd);

	sdnotify_open(&sd->to);
	if (!sdlisten_take(&sd->given))
		log_warn("LISTEN_FDS: not a number of descriptors up to %d; they are left alone", SDLISTEN_MAX);
	sd->alive_ms = sd->told_ms = -1;
	return sd;
}

void
sd_del(struct sd *sd)
{
	if (!sd)
		return;
	sdnotify_close(&sd->to);
	sdlisten_free(&sd->given);
	free(sd->told);
	free(sd);
}

static bool
all_came(const struct super *u)
{
	for (size_t i = 0; i < u->n; i++)
		if (u->v[i].plan->kind != PLAN_FEED && stage_is_coming(&u->v[i]))
			return false;
	return true;
}

/* One that is as it should be needs no words. */
static bool
is_well(const char *state)
{
	return !strcmp(state, "running") || !strcmp(state, "listening");
}

/* "5 stages running, http://127.0.0.1:8080", or "alertd backing-off (3 restarts); 4 running". */
static void
describe(const struct super *u, struct strbuf *out)
{
	size_t well = 0, others = 0;

	for (size_t i = 0; i < u->n; i++) {
		const struct stage *s = &u->v[i];
		const char *state = super_state(u, s);

		if (is_well(state)) {
			well++;
			continue;
		}
		if (++others > STATUS_NAMES)
			continue;
		strbuf_addf(out, "%s%s %s", others > 1 ? ", " : "", s->plan->name, state);
		if (s->restart.starts > 1)
			strbuf_addf(out, " (%llu restart%s)", (unsigned long long)s->restart.starts - 1, s->restart.starts == 2 ? "" : "s");
	}
	if (others > STATUS_NAMES)
		strbuf_addf(out, " and %zu more", others - STATUS_NAMES);
	strbuf_addf(out, others ? "; %zu running" : well == 1 ? "%zu stage running" : "%zu stages running", well);
	if (!others && u->told_url)
		strbuf_addf(out, ", %s", u->told_url);
}

/* Another one when a status could have changed; cheap, as it is taken at each turn. */
static uint64_t
states_sum(const struct super *u)
{
	uint64_t sum = (uintptr_t)u->told_url + (u->stop_ms >= 0);

	for (size_t i = 0; i < u->n; i++) {
		const struct stage *s = &u->v[i];

		sum = sum * 1000003 + s->restart.starts * 64 + (uint64_t)s->restart.state * 4 + s->ready * 2 + (s->leave_ms >= 0);
	}
	return sum;
}

/* On change, and not too often: a stage that dies again and again is no reason to wake systemd as often. */
static void
tell_status(struct sd *sd, const struct super *u, int64_t now)
{
	uint64_t sum = states_sum(u);
	struct strbuf line = {0};

	sd->late = sd->told && sum != sd->seen && now - sd->told_ms < STATUS_EVERY_MS;
	if (sd->late || (sd->told && sum == sd->seen))
		return;
	sd->seen = sum;
	strbuf_adds(&line, "STATUS=");
	describe(u, &line);
	if (!sd->told || strcmp(sd->told, line.s) != 0)
		sdnotify_say(&sd->to, line.s);
	sd->told_ms = now;
	free(sd->told);
	sd->told = line.s;
}

/* The orderly end has its own bound, set by the patience; systemd should not be quicker. */
static void
tell_stopping(struct sd *sd, const struct super *u)
{
	struct strbuf t = {0};

	sd->stopping = true;
	strbuf_addf(&t, "STOPPING=1\nEXTEND_TIMEOUT_USEC=%lld",
	    (long long)(HURRY_AFTER * u->patience_ms + STOP_MARGIN_MS) * 1000);
	sdnotify_say(&sd->to, t.s);
	strbuf_free(&t);
}

void
sd_step(struct super *u, int64_t now)
{
	struct sd *sd = u->sd;

	if (sd->to.fd < 0)
		return;
	if (sd->to.watchdog_ms && (sd->alive_ms < 0 || now - sd->alive_ms >= sd->to.watchdog_ms / 2)) {
		sdnotify_say(&sd->to, "WATCHDOG=1");
		sd->alive_ms = now;
	}
	tell_status(sd, u, now);
	if (u->stop_ms >= 0 && !sd->stopping)
		tell_stopping(sd, u);
	if (!sd->ready && !sd->stopping && all_came(u)) {
		sd->ready = true;
		sdnotify_say(&sd->to, "READY=1");
	}
}

int64_t
sd_due(const struct super *u)
{
	const struct sd *sd = u->sd;
	int64_t due = INT64_MAX;

	if (sd->to.fd < 0)
		return due;
	if (sd->to.watchdog_ms)
		due = sd->alive_ms + sd->to.watchdog_ms / 2;
	if (sd->late && sd->told_ms + STATUS_EVERY_MS < due)
		due = sd->told_ms + STATUS_EVERY_MS;
	return due;
}

void
sd_reload(struct super *u)
{
	struct strbuf t = {0};
	struct timespec now;

	if (!u->sd->ready)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	strbuf_addf(&t, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	sdnotify_say(&u->sd->to, t.s);
	strbuf_free(&t);
	sdnotify_say(&u->sd->to, "READY=1");
}
