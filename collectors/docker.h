#ifndef COLLECTORS_DOCKER_H
#define COLLECTORS_DOCKER_H

/* The Engine API: where it is, which version of it to speak, its calls, and what went wrong in words. */

#include <stdbool.h>
#include <stddef.h>

#include "collectors/http.h"
#include "lib/strbuf.h"

#define DOCKER_HOST_DEFAULT "unix:///var/run/docker.sock"

enum {
	DOCKER_SMALL_MAX = 1 << 20,	/* bytes of an answer about one thing */
	DOCKER_LIST_MAX = 32 << 20,	/* of the list of all containers */
};

struct docker {
	struct http *http;
	char *host;		/* for messages: "unix:///var/run/docker.sock" */
	char *unix_socket;	/* path; NULL: TCP */
	char *base;		/* "http://localhost", "http://10.0.0.7:2375" */
	long timeout_ms;
	long stats_ms;		/* the timeout of one container's stats; at first as timeout_ms */
	char version[16];	/* "1.41"; empty: not known yet */
	bool one_shot;		/* stats may be asked for without a second's wait in the engine */
};

typedef void docker_done(void *arg, const struct http_reply *);

/* host: unix://PATH, tcp://HOST[:PORT], http://HOST[:PORT] or a path. False: *err says what is wrong with it. */
bool docker_init(struct docker *, struct http *, const char *host, long timeout_ms, struct strbuf *err);
void docker_free(struct docker *);

struct http_transfer *docker_get_version(struct docker *, docker_done *, void *arg);
/* Takes the answer: our version where the engine has it, else the nearest one it has. False: it is no such answer. */
bool docker_take_version(struct docker *, const struct http_reply *);
/* The rest needs a version. */
struct http_transfer *docker_get_list(struct docker *, docker_done *, void *arg);
struct http_transfer *docker_get_stats(struct docker *, const char *id, docker_done *, void *arg);
/* A stream that stays open. since: seconds and nanoseconds, "1795212248.466944333"; NULL: from now on. */
struct http_transfer *docker_get_events(struct docker *, const char *since,
    void (*on_bytes)(void *arg, const char *, size_t), docker_done *, void *arg);

/* Appends one line: what was asked of whom, and what came instead; with no permission, which group has it. */
void docker_describe(const struct docker *, const char *what, const struct http_reply *, struct strbuf *out);

#endif
