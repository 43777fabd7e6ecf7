#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "katoctl/sock.h"
#include "katoctl/uplink.h"
#include "lib/fdio.h"
#include "lib/linebuf.h"
#include "lib/log.h"
#include "lib/stamp.h"

enum {
	FIRST_WAIT_MS = 50,
	MAX_WAIT_MS = 1000,
	SAY_EVERY_MS = 10000,
	STEADY_MS = 1000,	/* a connection that held so long, or brought lines home, forgets the pauses */
	PARTING_MS = 15000,	/* an orderly end of a hub takes less */
	UNTOLD_MS = 250,	/* a hub that dies closes its end and the connection, in any order; one that only closes its end tells nothing */
};

void
uplink_init(struct uplink *k, const char *path, size_t max_bytes, size_t max_lines)
{
	*k = (struct uplink){.path = path, .fd = -1, .ack = -1, .hand = -1};
	/* beside the line the hub is at: a filter there may deal with that only when it has the next */
	hop_init(&k->lines, max_bytes + LINE_MAX_BYTES + 1, max_lines + 1);
}

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void
uplink_free(struct uplink *k)
{
	close_fd(&k->fd);
	close_fd(&k->ack);
	close_fd(&k->hand);
	hop_free(&k->lines);
}

bool
uplink_full(const struct uplink *k)
{
	return hop_full(&k->lines);
}

static void
wait_for_next(struct uplink *k, int64_t now, const char *why)
{
	uint64_t unsaid;

	if (!k->said_away && log_gate_open(&k->gate, now, SAY_EVERY_MS, &unsaid)) {
		log_warn("%s: %s; lines are kept until somebody takes them", k->path, why);
		k->said_away = true;
	}
	k->wait_ms = !k->wait_ms ? FIRST_WAIT_MS : 2 * k->wait_ms < MAX_WAIT_MS ? 2 * k->wait_ms : MAX_WAIT_MS;
	k->due_ms = now + (int64_t)(k->wait_ms * (0.75 + drand48() / 2));
	k->state = UPLINK_AWAY;
}

/* All is said of this connection: what it did not bring home is to be given again. */
static void
over(struct uplink *k, int64_t now)
{
	close_fd(&k->ack);
	close_fd(&k->hand);
	hop_again(&k->lines);
	if (k->dealt || now - k->since_ms >= STEADY_MS)
		k->wait_ms = 0;
	wait_for_next(k, now, "the connection has ended");
}

static void
connect_now(struct uplink *k, int64_t now)
{
	int ends[2];

	k->fd = sock_connect_now(k->path);
	if (k->fd < 0) {
		wait_for_next(k, now, strerror(errno));
		return;
	}
	if (fd_pipe(ends) == 0) {
		k->ack = ends[0];
		k->hand = ends[1];
		fd_nonblock(k->ack, true);
	}
	k->acks = k->ack < 0 ? UPLINK_TELLS_NOT : UPLINK_UNKNOWN;
	k->ack_len = 0;
	k->sent = k->dealt = 0;
	k->state = UPLINK_THERE;
	k->due_ms = -1;
	k->since_ms = now;
	if (k->said_away)
		log_info("%s: connected again", k->path);
	k->said_away = false;
}

static void
dealt_with(struct uplink *k, uint64_t lines)
{
	if (lines > k->sent)
		lines = k->sent;
	if (lines <= k->dealt)
		return;
	hop_deal(&k->lines, lines - k->dealt);
	k->dealt = lines;
}

static void ack_ready(void *uplink, void *arg);

/* The peer's last words may be in the pipe still. */
static void
lost(struct uplink *k, int64_t now)
{
	close_fd(&k->fd);
	ack_ready(k, NULL);
	if (k->acks != UPLINK_TELLS || k->ack < 0) {
		over(k, now);
		return;
	}
	k->state = UPLINK_PARTING;
	k->due_ms = now + PARTING_MS;
}

static void
no_acks(struct uplink *k)
{
	k->acks = UPLINK_TELLS_NOT;
	k->due_ms = -1;
	dealt_with(k, k->sent);
}

/* As write(2); with the first bytes goes our pipe's other end. */
static ssize_t
give(struct uplink *k, const char *p, size_t n)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(int))];
	} control = {.buf = ""};
	struct iovec io = {(char *)(uintptr_t)p, n};
	struct msghdr msg = {.msg_iov = &io, .msg_iovlen = 1};
	struct cmsghdr *c;
	ssize_t sent;

	if (k->hand >= 0) {
		msg.msg_control = control.buf;
		msg.msg_controllen = sizeof control.buf;
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &k->hand, sizeof(int));
	}
	sent = sendmsg(k->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent > 0)
		close_fd(&k->hand);
	return sent;
}

static void
send_lines(struct uplink *k)
{
	const char *p;
	size_t n;
	ssize_t sent;

	while (k->state == UPLINK_THERE && hop_unsent(&k->lines, &p, &n)) {
		sent = give(k, p, n);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno != EAGAIN)
			lost(k, stamp_mono());
		if (sent <= 0)
			return;
		k->sent += hop_wrote(&k->lines, (size_t)sent);
		if (k->acks == UPLINK_TELLS_NOT)
			dealt_with(k, k->sent);
	}
}

void
uplink_put(struct uplink *k, const char *p, size_t n)
{
	hop_put(&k->lines, p, n, hop_count(p, n));
	send_lines(k);
}

static void
take_number(struct uplink *k, char c)
{
	if (c >= '0' && c <= '9' && k->ack_len + 1 < sizeof k->ack_text) {
		k->ack_text[k->ack_len++] = c;
	} else if (c == '\n' && k->ack_len) {
		k->ack_text[k->ack_len] = '\0';
		k->ack_len = 0;
		k->acks = UPLINK_TELLS;
		dealt_with(k, strtoull(k->ack_text, NULL, 10));
	}
}

static void
ack_ready(void *uplink, void *arg)
{
	struct uplink *k = uplink;
	char buf[4096];
	ssize_t n = -1;

	(void)arg;
	while (k->ack >= 0 && (n = fd_read(k->ack, buf, sizeof buf)) > 0)
		for (ssize_t i = 0; i < n; i++)
			take_number(k, buf[i]);
	if (k->ack < 0 || n < 0)
		return;
	close_fd(&k->ack);
	if (k->state == UPLINK_PARTING)
		over(k, stamp_mono());
	else if (k->state == UPLINK_THERE)
		k->due_ms = stamp_mono() + UNTOLD_MS;
}

static void
hub_ready(void *uplink, void *arg)
{
	struct uplink *k = uplink;
	char buf[4096];
	ssize_t n;

	(void)arg;
	if (k->fd < 0)
		return;
	n = fd_read(k->fd, buf, sizeof buf);	/* a hub has nothing to say here: what it says is not kept */
	if (n == 0 || (n < 0 && errno != EAGAIN))
		lost(k, stamp_mono());
	send_lines(k);
}

void
uplink_watch(struct uplink *k, struct loop *l)
{
	const char *p;
	size_t n;

	loop_add(l, k->ack, POLLIN, ack_ready, k, NULL);
	loop_add(l, k->fd, hop_unsent(&k->lines, &p, &n) ? POLLIN | POLLOUT : POLLIN, hub_ready, k, NULL);
}

void
uplink_step(struct uplink *k, int64_t now)
{
	if (k->due_ms < 0 || now < k->due_ms)
		return;
	if (k->state == UPLINK_AWAY)
		connect_now(k, now);
	else if (k->state == UPLINK_PARTING)
		over(k, now);
	else
		no_acks(k);
	send_lines(k);
}

int64_t
uplink_due(const struct uplink *k)
{
	return k->due_ms < 0 ? INT64_MAX : k->due_ms;
}

bool
uplink_taken(const struct uplink *k, bool *confirmed)
{
	const char *p;
	size_t n;
	int unread = 0;

	*confirmed = !k->lines.lines;
	if (*confirmed)
		return true;
	return k->state == UPLINK_THERE && !hop_unsent(&k->lines, &p, &n) && ioctl(k->fd, SIOCOUTQ, &unread) == 0 && !unread;
}
