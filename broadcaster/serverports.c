#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broadcaster/serverlisten.h"
#include "broadcaster/serverports.h"
#include "broadcaster/servertls.h"
#include "lib/fdio.h"
#include "lib/log.h"
#include "lib/sdlisten.h"
#include "lib/sdnotify.h"

enum { PORT_DEFAULT = 8080, PORT_TRIES = 100 };

static const char stored_name[] = "listen-";	/* and a number: what we gave away ourselves */

static struct sdlisten given;
static struct sdnotify keeper = {.fd = -1};

static bool
is_stored(const struct sdlisten_socket *g)
{
	return !strncmp(g->name, stored_name, sizeof stored_name - 1);
}

void
serverports_take(int store_fd)
{
	const char *why;

	if (!sdlisten_take(&given))
		die(2, "LISTEN_FDS: not a number of descriptors up to %d", SDLISTEN_MAX);
	for (size_t i = 0; i < given.n; i++)
		if ((why = serverlisten_adopt(given.v[i].fd)))
			die(2, "LISTEN_FDS: descriptor %d (%s) %s", given.v[i].fd, given.v[i].name, why);
	sdnotify_open(&keeper);
	if (store_fd < 0)
		return;
	if (!fd_is_open(store_fd) || fd_cloexec(store_fd, true) < 0)
		die(2, "--store-fd %d: not open", store_fd);
	sdnotify_close(&keeper);
	keeper.fd = store_fd;
}

void
serverports_say(const char *lines)
{
	sdnotify_say(&keeper, lines);
}

/* addr NULL: as the socket has it. */
static void
add(struct server *s, const char *addr, int fd)
{
	struct strbuf url = {0};

	if (s->nlisten == SERVER_LISTEN_MAX)
		die(2, "more than %d ports to listen on", SERVER_LISTEN_MAX);
	serverlisten_url(servertls_is_on() ? "https" : "http", addr, fd, &url);
	log_info("listening on %s", url.s);
	s->listen_fd[s->nlisten++] = fd;
	if (!s->auth && !serverlisten_is_loopback(fd))
		log_warn("%s can be reached from other machines, and nobody is asked for a token; --jwt-key-file asks for one",
		    addr ? addr : url.s);
	strbuf_free(&url);
}

/* One that a predecessor has left; port -1: any that add_default would try. -1: there is none. */
static int
take_stored(const char *addr, int port)
{
	for (size_t i = 0; i < given.n; i++) {
		struct sdlisten_socket *g = &given.v[i];
		int fd = g->fd, has = fd < 0 ? 0 : serverlisten_port(fd);

		if (fd < 0 || !is_stored(g) || !serverlisten_is_at(fd, addr, port > 0 ? port : 0))
			continue;
		if (port < 0 && (has < PORT_DEFAULT || has >= PORT_DEFAULT + PORT_TRIES))
			continue;
		g->fd = -1;
		return fd;
	}
	return -1;
}

/* Under a name that none of those has that are kept already. */
static void
store(int fd)
{
	static unsigned number;
	char name[32];
	bool taken;

	do {
		taken = false;
		snprintf(name, sizeof name, "%s%u", stored_name, number++);
		for (size_t i = 0; i < given.n; i++)
			taken = taken || !strcmp(given.v[i].name, name);
	} while (taken);
	sdnotify_store(&keeper, name, fd);
}

static void
add_port(struct server *s, const char *addr, int port)
{
	int fd = take_stored(addr, port);

	if (fd < 0) {
		fd = serverlisten_open(addr, &port);
		if (fd < 0) {
			bool ours = errno == EADDRINUSE || errno == EADDRNOTAVAIL || errno == EACCES;

			die(ours ? 2 : 1, "cannot listen on %s port %d: %s", addr, port,
			    errno == EADDRINUSE ? "the port is taken" : strerror(errno));
		}
		store(fd);
	}
	add(s, addr, fd);
}

/* 8080 is the old dashboard's, too: unless the port was set, the next free one will do. */
static void
add_default(struct server *s)
{
	int port = PORT_DEFAULT, fd = take_stored(s->opt.host, -1);

	if (fd >= 0) {
		add(s, s->opt.host, fd);
		return;
	}
	for (; port < PORT_DEFAULT + PORT_TRIES; port++) {
		int probe = port;

		fd = serverlisten_open(s->opt.host, &probe);
		if (fd >= 0)
			close(fd);
		if (fd >= 0 || errno != EADDRINUSE)
			break;
	}
	add_port(s, s->opt.host, port);
	if (port != PORT_DEFAULT)
		log_info("port %d is taken, so it is port %d", PORT_DEFAULT, port);
}

static void
add_listed(struct server *s, const char *text)
{
	char *addr;
	int port;

	if (!serverlisten_split(text, &addr, &port))
		die(2, "--listen %s: not [ADDR:]PORT", text);
	add_port(s, addr ? addr : s->opt.host, port);
	free(addr);
}

/* Sockets of settings that have changed since. */
static void
close_others(void)
{
	for (size_t i = 0; i < given.n; i++) {
		if (given.v[i].fd < 0)
			continue;
		sdnotify_unstore(&keeper, given.v[i].name);
		close(given.v[i].fd);
	}
}

void
serverports_open(struct server *s)
{
	for (size_t i = 0; i < given.n; i++)
		if (!is_stored(&given.v[i])) {
			add(s, NULL, given.v[i].fd);
			given.v[i].fd = -1;
		}
	if (!s->nlisten && s->opt.port < 0)
		add_default(s);
	else if (!s->nlisten)
		add_port(s, s->opt.host, (int)s->opt.port);
	for (size_t i = 0; i < s->opt.listen.n; i++)
		add_listed(s, s->opt.listen.v[i]);
	close_others();
	sdlisten_free(&given);
}
