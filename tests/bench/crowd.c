#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/xalloc.h"
#include "tests/bench/crowdin.h"

enum { IN_BYTES = 1 << 18, EVENTS = 512, WATCHED_MAX = 64 };

struct crowd crowd;
struct crowd_count crowd_count;
static void (*watched[WATCHED_MAX])(void);

uint64_t
crowd_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

int
crowd_epoll(void)
{
	if (!crowd.in) {
		crowd.epoll = epoll_create1(EPOLL_CLOEXEC);
		crowd.in = xmalloc(IN_BYTES + CROWD_MESSAGE_MAX);
	}
	return crowd.epoll;
}

/* Told from clients by the number, which is that of no client. */
void
crowd_watch(int fd, void (*ready)(void))
{
	static size_t n;
	struct epoll_event ev = {.events = EPOLLIN, .data.u64 = UINT64_MAX - n};

	watched[n++] = ready;
	epoll_ctl(crowd_epoll(), EPOLL_CTL_ADD, fd, &ev);
}

void
crowd_unwatch(int fd)
{
	epoll_ctl(crowd_epoll(), EPOLL_CTL_DEL, fd, NULL);
}

void
crowd_lose(struct crowd_client *c)
{
	if (c->phase == CROWD_GONE)
		return;
	if (c->phase == CROWD_OPEN) {
		crowd.open--;
		crowd_count.ended++;
	} else {
		crowd.asking--;
		crowd_count.refused++;
	}
	c->phase = CROWD_GONE;
	close(c->fd);
	free(c->rest);
	c->rest = NULL;
	c->rest_len = 0;
	if (c->inflate) {
		inflateEnd(c->inflate);
		free(c->inflate);
		c->inflate = NULL;
	}
}

void
crowd_keep(struct crowd_client *c, const char *p, size_t n)
{
	if (n > CROWD_MESSAGE_MAX) {
		crowd_count.wrong++;
		crowd_lose(c);
		return;
	}
	c->rest_len = (uint32_t)n;
	c->rest = n ? xmalloc(n) : NULL;
	if (n)
		memcpy(c->rest, p, n);
}

static void
readable(struct crowd_client *c)
{
	size_t had = c->rest_len, used;
	ssize_t n;

	if (had) {
		memcpy(crowd.in, c->rest, had);
		free(c->rest);
		c->rest = NULL;
		c->rest_len = 0;
	}
	n = recv(c->fd, crowd.in + had, IN_BYTES, 0);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		crowd_lose(c);
		return;
	}
	had += n > 0 ? (size_t)n : 0;
	crowd.said += n > 0 ? (uint64_t)n : 0;
	if (c->phase != CROWD_OPEN) {
		crowd_answered(c, crowd.in, had);
		return;
	}
	used = crowd_take(c, crowd.in, had);
	if (c->phase == CROWD_OPEN && used < had)
		crowd_keep(c, crowd.in + used, had - used);
}

void
crowd_turn(int wait_ms)
{
	struct epoll_event ev[EVENTS];
	int n = epoll_wait(crowd_epoll(), ev, EVENTS, wait_ms);

	for (int i = 0; i < n; i++) {
		struct crowd_client *c;

		if (ev[i].data.u64 > UINT64_MAX - WATCHED_MAX) {
			watched[UINT64_MAX - ev[i].data.u64]();
			continue;
		}
		if (ev[i].data.u64 >= crowd.n)
			continue;
		c = &crowd.v[ev[i].data.u64];
		crowd.now = crowd_now();
		if (c->phase == CROWD_CONNECTING)
			crowd_ask(c);
		else if (c->phase != CROWD_GONE && !c->deaf)
			readable(c);
	}
}

bool
crowd_quiet(int quiet_ms)
{
	uint64_t began = crowd_now(), since = began, said = crowd.said;

	while (crowd_now() - since < (uint64_t)quiet_ms * 1000) {
		crowd_turn(quiet_ms < 20 ? quiet_ms : 20);
		if (crowd.said != said) {
			said = crowd.said;
			since = crowd_now();
		}
		if (since - began > 30000000)
			return false;
	}
	return true;
}

void
crowd_expect(uint64_t number, struct ledger *l)
{
	crowd.ledger = l;
	for (size_t i = 0; number && i < crowd.n; i++)
		crowd.v[i].next = number;
}

static bool
reads(const struct crowd_client *c)
{
	return c->phase == CROWD_OPEN && !c->deaf;
}

void
crowd_settle(uint64_t number)
{
	for (size_t i = 0; i < crowd.n; i++) {
		struct crowd_client *c = &crowd.v[i];

		if (!c->deaf && c->next <= number) {
			crowd_count.missing += number + 1 - c->next;
			c->next = number + 1;
		}
	}
}

size_t
crowd_readers(void)
{
	size_t n = 0;

	for (size_t i = 0; i < crowd.n; i++)
		n += reads(&crowd.v[i]);
	return n;
}

size_t
crowd_clients(void)
{
	return crowd.open;
}

void
crowd_stop_reading(size_t clients)
{
	for (size_t i = 0; i < crowd.n && i < clients; i++)
		if (crowd.v[i].phase == CROWD_OPEN && !crowd.v[i].deaf) {
			crowd.v[i].deaf = true;
			epoll_ctl(crowd.epoll, EPOLL_CTL_DEL, crowd.v[i].fd, NULL);
		}
}
