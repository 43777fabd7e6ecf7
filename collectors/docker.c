#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collectors/docker.h"
#include "lib/json.h"
#include "lib/xalloc.h"

/* All that is asked for is in 1.41, one-shot came with it. A newer engine may have dropped it, an older one lack it. */
#define OUR_VERSION "1.41"
enum {
	ONE_SHOT_MINOR = 41,
	TWO_READINGS_MS = 2500,	/* how long an engine takes for stats without one-shot */
};

#define DEFAULT_PORT ":2375"
/* {"type":["container"]} */
#define ONLY_CONTAINERS "filters=%7B%22type%22%3A%5B%22container%22%5D%7D"

static bool
bad_host(const char *host, const char *why, struct strbuf *err)
{
	strbuf_addf(err, "host %s: %s", host, why);
	return false;
}

static bool
tcp_host(struct docker *d, const char *address, struct strbuf *err)
{
	size_t n = strcspn(address, "/");
	const char *bracket = memchr(address, ']', n), *colon;

	if (!n || strspn(address + n, "/") != strlen(address + n) || memchr(address, '@', n) || memchr(address, '?', n))
		return bad_host(d->host, "want tcp://HOST:PORT", err);
	colon = memchr(bracket ? bracket : address, ':', n - (size_t)((bracket ? bracket : address) - address));
	d->base = xcalloc(1, n + sizeof "http://" DEFAULT_PORT);
	memcpy(d->base, "http://", 7);
	memcpy(d->base + 7, address, n);
	if (!colon)
		memcpy(d->base + 7 + n, DEFAULT_PORT, sizeof DEFAULT_PORT);
	return true;
}

static bool
unix_host(struct docker *d, const char *path, struct strbuf *err)
{
	if (*path != '/')
		return bad_host(d->host, "want unix:///PATH", err);
	if (strlen(path) > 107)	/* sun_path */
		return bad_host(d->host, "a socket's path has at most 107 bytes", err);
	d->unix_socket = xstrdup(path);
	d->base = xstrdup("http://localhost");
	return true;
}

bool
docker_init(struct docker *d, struct http *http, const char *host, long timeout_ms, struct strbuf *err)
{
	bool good;

	*d = (struct docker){.http = http, .host = xstrdup(host), .timeout_ms = timeout_ms, .stats_ms = timeout_ms};
	if (!strncmp(host, "unix://", 7))
		good = unix_host(d, host + 7, err);
	else if (!strncmp(host, "tcp://", 6))
		good = tcp_host(d, host + 6, err);
	else if (!strncmp(host, "http://", 7))
		good = tcp_host(d, host + 7, err);
	else if (*host == '/')
		good = unix_host(d, host, err);
	else
		good = bad_host(host, "want unix://PATH or tcp://HOST:PORT", err);
	if (!good)
		docker_free(d);
	return good;
}

void
docker_free(struct docker *d)
{
	free(d->host);
	free(d->unix_socket);
	free(d->base);
	*d = (struct docker){0};
}

static struct http_transfer *
get(struct docker *d, const char *path, struct http_get *g)
{
	struct strbuf url = {0};
	struct http_transfer *t;

	strbuf_adds(&url, d->base);
	if (*d->version)
		strbuf_addf(&url, "/v%s", d->version);
	strbuf_adds(&url, path);
	g->url = url.s;
	g->unix_socket = d->unix_socket;
	t = http_start(d->http, g);
	strbuf_free(&url);
	return t;
}

struct http_transfer *
docker_get_version(struct docker *d, docker_done *done, void *arg)
{
	*d->version = '\0';
	return get(d, "/version",
	    &(struct http_get){.timeout_ms = d->timeout_ms, .max_bytes = DOCKER_SMALL_MAX, .on_done = done, .arg = arg});
}

/* "1.41" as 1041; 0: not a version. */
static int
version_number(const char *s)
{
	char *end;
	long major = strtol(s, &end, 10), minor;

	if (end == s || *end != '.' || major < 1 || major > 99)
		return 0;
	s = end + 1;
	minor = strtol(s, &end, 10);
	return end == s || *end || minor < 0 || minor > 999 ? 0 : (int)(major * 1000 + minor);
}

static int
version_member(struct span doc, const char *name)
{
	struct strbuf b = {0};
	int n = json_string(json_member(doc, name), &b) ? version_number(b.s) : 0;

	strbuf_free(&b);
	return n;
}

bool
docker_take_version(struct docker *d, const struct http_reply *r)
{
	struct strbuf text = {0};
	struct span doc;
	int newest, oldest, use = version_number(OUR_VERSION);
	size_t at;

	if (r->status != 200 || json_check(r->body, r->len, &at) != JSON_OK)
		return false;
	doc = json_trim(r->body, r->len);
	newest = version_member(doc, "ApiVersion");
	oldest = version_member(doc, "MinAPIVersion");
	if (!newest)
		return false;
	if (use > newest)
		use = newest;
	if (use < oldest)
		use = oldest;
	strbuf_addf(&text, "%d.%d", use / 1000, use % 1000);
	memcpy(d->version, text.s, text.len + 1);
	strbuf_free(&text);
	d->one_shot = use >= 1000 + ONE_SHOT_MINOR;
	return true;
}

struct http_transfer *
docker_get_list(struct docker *d, docker_done *done, void *arg)
{
	return get(d, "/containers/json?all=1",
	    &(struct http_get){.timeout_ms = d->timeout_ms, .max_bytes = DOCKER_LIST_MAX, .on_done = done, .arg = arg});
}

struct http_transfer *
docker_get_stats(struct docker *d, const char *id, docker_done *done, void *arg)
{
	struct strbuf path = {0};
	struct http_transfer *t;

	strbuf_addf(&path, "/containers/%s/stats?stream=false%s", id, d->one_shot ? "&one-shot=true" : "");
	t = get(d, path.s,
	    &(struct http_get){.timeout_ms = d->stats_ms + (d->one_shot ? 0 : TWO_READINGS_MS),
		.max_bytes = DOCKER_SMALL_MAX, .on_done = done, .arg = arg});
	strbuf_free(&path);
	return t;
}

struct http_transfer *
docker_get_events(struct docker *d, const char *since, void (*on_bytes)(void *, const char *, size_t),
    docker_done *done, void *arg)
{
	struct strbuf path = {0};
	struct http_transfer *t;

	strbuf_adds(&path, "/events?" ONLY_CONTAINERS);
	if (since)
		strbuf_addf(&path, "&since=%s", since);
	t = get(d, path.s, &(struct http_get){.on_bytes = on_bytes, .on_done = done, .arg = arg});
	strbuf_free(&path);
	return t;
}

/* Why a unix socket cannot be opened; false: it can, or that is not it. */
static bool
describe_socket(const char *path, struct strbuf *out)
{
	struct stat st;
	struct group *g;

	if (access(path, R_OK | W_OK) == 0)
		return false;
	if (errno == ENOENT) {
		strbuf_addf(out, "there is no %s: is Docker running?", path);
		return true;
	}
	if (errno != EACCES)
		return false;
	strbuf_addf(out, "permission denied on %s", path);
	if (stat(path, &st) == 0 && st.st_gid != 0 && (st.st_mode & S_IWGRP)) {
		g = getgrgid(st.st_gid);
		strbuf_adds(out, ": add this user to group ");
		if (g)
			strbuf_adds(out, g->gr_name);
		else
			strbuf_addf(out, "%u", (unsigned)st.st_gid);
	} else {
		strbuf_adds(out, ": only root may open it");
	}
	return true;
}

/* The engine's own words: {"message":"..."}; podman also {"cause":...}. */
static void
describe_body(const struct http_reply *r, struct strbuf *out)
{
	struct strbuf message = {0};
	size_t at;

	if (json_check(r->body, r->len, &at) == JSON_OK &&
	    json_string(json_member(json_trim(r->body, r->len), "message"), &message) && message.len) {
		strbuf_adds(out, ": ");
		strbuf_add(out, message.s, message.len < 200 ? message.len : 200);
	}
	strbuf_free(&message);
}

void
docker_describe(const struct docker *d, const char *what, const struct http_reply *r, struct strbuf *out)
{
	if (!r->status && d->unix_socket && describe_socket(d->unix_socket, out))
		return;
	strbuf_addf(out, "%s: %s: ", d->host, what);
	if (!r->status) {
		strbuf_adds(out, r->error ? r->error : "no answer");
	} else if (r->status != 200) {
		strbuf_addf(out, "HTTP status %ld", r->status);
		describe_body(r, out);
	} else {
		strbuf_adds(out, "the answer is not what the Engine API describes");
	}
}
