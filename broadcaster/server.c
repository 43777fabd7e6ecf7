#include <errno.h>
#include <fcntl.h>
#include <libwebsockets.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broadcaster/feed.h"
#include "broadcaster/http.h"
#include "broadcaster/httpout.h"
#include "broadcaster/httpwatch.h"
#include "broadcaster/server.h"
#include "broadcaster/serverheap.h"
#include "broadcaster/serverports.h"
#include "broadcaster/servertls.h"
#include "broadcaster/ws.h"
#include "lib/log.h"
#include "lib/sigs.h"
#include "lib/stamp.h"

enum {
	HTTP_CONNECTIONS = 1024,	/* beside the WebSocket clients */
	OTHER_FDS = 128,
	HANDSHAKE_SECONDS = 5,	/* of a later request on the same connection; wswait.c watches over the first */
	HEADER_BYTES = 12 << 10,	/* HEADIN_MAX, and what libwebsockets adds to each header; held while a request is read */
	ACCEPT_AT_ONCE = 64,
	RX_BUFFER = 512,	/* held for each client; longer messages are put together */
	TX_PACKET = 1 << 20,	/* the most that leaves in one write; allocates nothing */
	SAY_MS = 10000,
};

static int spare_fd = -1;	/* given up for a moment when there are no descriptors left */

static void
accept_refuse(int fd)
{
	static const char answer[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\n"
	    "Retry-After: 5\r\nConnection: close\r\nContent-Length: 75\r\n\r\n"
	    "{\"title\":\"Service Unavailable\",\"status\":503,\"detail\":\"too many connections\"}";

	/* who waits for TLS would take it for that */
	if (!servertls_is_on() && send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
		/* it learns by the end of file */
	}
	shutdown(fd, SHUT_WR);
	close(fd);
}

static void
accept_out_of_fds(int listen_fd)
{
	static struct log_gate gate;
	uint64_t skipped;
	int fd;

	close(spare_fd);
	fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0)
		accept_refuse(fd);
	spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (log_gate_open(&gate, stamp_mono(), SAY_MS, &skipped))
		log_warn("no file descriptors left; connections are refused (%llu so far)", (unsigned long long)gate.count);
}

/* Who makes room is gone a little later, so that for a moment there may be a few more. */
static bool
has_room(struct server *s)
{
	size_t more = s->max_connections / 8 < ACCEPT_AT_ONCE ? s->max_connections / 8 : ACCEPT_AT_ONCE;

	return s->connections < s->max_connections || (s->connections < s->max_connections + more && ws_make_room(s));
}

static void
accept_one(struct server *s, int fd, const struct sockaddr_storage *sa)
{
	unsigned char peer[16] = {[10] = 0xff, [11] = 0xff};
	struct lws *wsi;

	if (sa->ss_family == AF_INET6)
		memcpy(peer, &((const struct sockaddr_in6 *)sa)->sin6_addr, 16);
	else if (sa->ss_family == AF_INET)
		memcpy(peer + 12, &((const struct sockaddr_in *)sa)->sin_addr, 4);
	else
		memcpy(peer, proxies_unix, sizeof peer);
	if (!has_room(s)) {
		s->stats.refused_full++;
		accept_refuse(fd);
		return;
	}
	wsi = lws_adopt_descriptor_vhost_via_info(&(lws_adopt_desc_t){
	    .vh = s->web,
	    .type = LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP | LWS_ADOPT_ALLOW_SSL,
	    .fd.sockfd = fd,
	    .opaque = ws_conn_new(s, peer)});
	if (wsi)
		ws_conn_accepted(s, wsi);
}

static void
accept_some(struct server *s, int listen_fd)
{
	for (int i = 0; i < ACCEPT_AT_ONCE; i++) {
		struct sockaddr_storage sa = {0};
		socklen_t len = sizeof sa;
		int fd = accept4(listen_fd, (struct sockaddr *)&sa, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0)
			accept_one(s, fd, &sa);
		else if (errno == EMFILE || errno == ENFILE)
			accept_out_of_fds(listen_fd);
		else if (errno != ECONNABORTED && errno != EINTR)
			return;
	}
}

static struct server *
server_of(struct lws *wsi)
{
	return lws_context_user(lws_get_context(wsi));
}

static int
listen_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	(void)user;
	(void)in;
	(void)len;
	if (reason != LWS_CALLBACK_RAW_RX_FILE)
		return 0;
	if (server_of(wsi)->stopping)	/* closed: who comes now waits for our successor, where the socket is kept for one */
		return -1;
	accept_some(server_of(wsi), lws_get_socket_fd(wsi));
	return 0;
}

static int
signals_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	(void)user;
	(void)in;
	(void)len;
	if (reason == LWS_CALLBACK_RAW_RX_FILE)
		broadcaster_signals(server_of(wsi), sigs_take());
	return 0;
}

static int
web_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct server *s = server_of(wsi);

	if (reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS)
		return servertls_take(user);
	if (ws_takes(reason))
		return ws_callback(s, wsi, reason, in, len);
	if (reason == LWS_CALLBACK_HTTP)
		ws_conn_asked(wsi);
	return http_callback(s, wsi, reason, user, in, len);
}

/* The first is also what plain HTTP is served by. The name is the WebSocket subprotocol. */
static struct lws_protocols web_protocols[] = {
	{.name = WS_SUBPROTOCOL, .callback = web_callback, .rx_buffer_size = RX_BUFFER, .tx_packet_size = TX_PACKET},
	{0},
};

static const struct lws_protocols inner_protocols[] = {
	{.name = "listen", .callback = listen_callback},
	{.name = "signals", .callback = signals_callback},
	{.name = "feed", .callback = feed_callback},
	{.name = "clock", .callback = ws_clock_callback},
	{.name = "httpout", .callback = httpout_clock_callback},
	{.name = "httpwatch", .callback = httpwatch_callback},
	{0},
};

bool
server_watch(struct server *s, int fd, const char *protocol)
{
	return lws_adopt_descriptor_vhost(s->inner, LWS_ADOPT_RAW_FILE_DESC, (lws_sock_file_fd_type){.filefd = fd}, protocol, NULL);
}

const char *
server_peer(struct lws *wsi, char out[46])
{
	return proxies_text(ws_peer(wsi), out);
}

/* libwebsockets' own warnings are about what peers do wrong: seen with --log-level debug only. */
static void
emit(int level, const char *line)
{
	static struct log_gate gate;
	uint64_t skipped;
	size_t n = strcspn(line, "\n");

	if (level == LLL_ERR && log_gate_open(&gate, stamp_mono(), SAY_MS, &skipped))
		log_debug("libwebsockets: error: %.*s", (int)n, line);
	else if (level != LLL_ERR)
		log_debug("libwebsockets: %.*s", (int)n, line);
}

/* The descriptors we need, and no table larger than that. */
static void
raise_limit(struct server *s)
{
	struct rlimit r;
	rlim_t need;

	s->max_connections = (size_t)s->opt.max_clients + HTTP_CONNECTIONS;
	need = s->max_connections + OTHER_FDS;
	if (getrlimit(RLIMIT_NOFILE, &r) < 0)
		return;
	if (r.rlim_max != RLIM_INFINITY && r.rlim_max < need) {
		log_warn("the limit of open files is %llu: %lld clients need %llu", (unsigned long long)r.rlim_max,
		    s->opt.max_clients, (unsigned long long)need);
		need = r.rlim_max;
		s->max_connections = need > 2 * OTHER_FDS ? need - OTHER_FDS : need / 2;
	}
	r.rlim_cur = need;
	setrlimit(RLIMIT_NOFILE, &r);
}

static struct lws_vhost *
vhost(struct server *s, const char *name, const struct lws_protocols *protocols, int port)
{
	/* no validity timers: one more of them costs a walk along all of them. Of the context's zeros the defaults are made. */
	static const lws_retry_bo_t no_retry = {0};
	struct lws_context_creation_info info = {
		.port = port,
		.retry_and_idle_policy = &no_retry,
		.vhost_name = name,
		.protocols = protocols,
		.timeout_secs = HANDSHAKE_SECONDS,
		.timeout_secs_ah_idle = HANDSHAKE_SECONDS,	/* from its first byte */
		.keepalive_timeout = 60,
		.gid = (gid_t)-1,
		.uid = (uid_t)-1,
	};

	if (protocols == web_protocols) {
		info.extensions = wsdeflate_extensions();
		servertls_vhost(&info);
	}
	return lws_create_vhost(s->lws, &info);
}

static void
open_context(struct server *s)
{
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN,
		.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_LIBEV | servertls_context_options(),
		.timeout_secs = HANDSHAKE_SECONDS,
		.max_http_header_data = HEADER_BYTES,
		.user = s,
		.gid = (gid_t)-1,
		.uid = (uid_t)-1,
	};

	lws_set_log_level(LLL_ERR | LLL_WARN, emit);
	serverheap_init(s->max_connections, HEADER_BYTES);
	web_protocols[0].per_session_data_size = http_session_size();
	s->lws = lws_create_context(&info);
	if (!s->lws) {	/* its libev plugin is not installed */
		info.options &= ~(uint64_t)LWS_SERVER_OPTION_LIBEV;
		s->lws = lws_create_context(&info);
		log_debug("libwebsockets has no libev: poll(2) serves, slower with many clients");
	}
	/* the ports differ, or a Host header could move a client from one to the other */
	if (!s->lws || !(s->web = vhost(s, "web", web_protocols, CONTEXT_PORT_NO_LISTEN_SERVER)) ||
	    !(s->inner = vhost(s, "inner", inner_protocols, CONTEXT_PORT_NO_LISTEN)))
		die(1, "libwebsockets does not start");
}

void
server_open(struct server *s)
{
	servertls_open(s);
	raise_limit(s);
	open_context(s);
	spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	/* after the context: libev takes SIGINT for itself; before it is said where we listen: who reads that may send HUP */
	sigs_init(SIGS_TERM | SIGS_HUP);
	if (!server_watch(s, sigs_fd(), "signals"))
		die(1, "libwebsockets does not take the signal pipe");
	serverports_open(s);
	for (size_t i = 0; i < s->nlisten; i++)
		if (!server_watch(s, s->listen_fd[i], "listen"))
			die(1, "libwebsockets does not take the listening socket");
}

void
server_run(struct server *s)
{
	for (;;)
		if (lws_service(s->lws, 0) < 0)
			die(1, "libwebsockets stopped serving");
}
