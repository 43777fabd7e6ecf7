#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "broadcaster/promtext.h"
#include "lib/xalloc.h"

#define P "kato_live_"

static void
head(struct strbuf *b, const char *name, const char *type, const char *help)
{
	strbuf_addf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
one(struct strbuf *b, const char *name, const char *type, const char *help, double v)
{
	head(b, name, type, help);
	strbuf_addf(b, "%s ", name);
	strbuf_addnum(b, v);
	strbuf_addc(b, '\n');
}

/* {label="value"}, the value escaped as the format wants it. */
static void
sample(struct strbuf *b, const char *name, const char *label, const char *value, double v)
{
	strbuf_addf(b, "%s{%s=\"", name, label);
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			strbuf_addc(b, '\\');
		if (*value == '\n')
			strbuf_adds(b, "\\n");
		else
			strbuf_addc(b, *value);
	}
	strbuf_adds(b, "\"} ");
	strbuf_addnum(b, v);
	strbuf_addc(b, '\n');
}

static void
histogram(struct strbuf *b, const char *name, const char *help, const struct histogram *h)
{
	uint64_t below = 0;

	head(b, name, "histogram", help);
	for (int i = 0; i < STATS_BUCKETS; i++) {
		below += h->bucket[i];
		strbuf_addf(b, "%s_bucket{le=\"", name);
		strbuf_addnum(b, histogram_bound(i));
		strbuf_addf(b, "\"} %llu\n", (unsigned long long)below);
	}
	strbuf_addf(b, "%s_bucket{le=\"+Inf\"} %llu\n%s_sum ", name, (unsigned long long)h->count, name);
	strbuf_addnum(b, h->sum);
	strbuf_addf(b, "\n%s_count %llu\n", name, (unsigned long long)h->count);
}

static void
counters(const struct stats *s, struct strbuf *b)
{
	const struct { const char *name, *type, *help; uint64_t v; } rows[] = {
		{P "lines_total", "counter", "Lines read.", stats_lines(s)},
		{P "records_total", "counter", "Lines that are records.", s->lines},
		{P "lines_bad_total", "counter", "Lines that are no record.", s->lines_bad},
		{P "lines_toolong_total", "counter", "Lines over the ceiling, skipped.", s->lines_toolong},
		{P "lines_empty_total", "counter", "Empty lines, skipped.", s->lines_empty},
		{P "lines_dropped_total", "counter", "Lines that went no further: bad, too long, or with state that cannot be used.",
		    s->lines_bad + s->lines_toolong + s->records_bad_state},
		{P "records_bad_state_total", "counter", "State records without usable data; the last good value stayed.",
		    s->records_bad_state},
		{P "records_unstamped_total", "counter", "Records without a good time stamp.", s->records_unstamped},
		{P "left_out_total", "counter", "Things and events left out of a dialect's messages: what identifies them is missing, or"
		    " what they refer to is not known.", s->left_out},
		{P "events_repeated_total", "counter", "Events whose id was known, taken once.", s->events_repeated},
		{P "input_bytes_total", "counter", "Bytes read.", s->bytes_in},
		{P "websocket_connections_total", "counter", "Clients so far, over WebSocket or with a stream of events.", s->connects},
		{P "websocket_disconnections_total", "counter", "Clients that left, of both kinds.", s->disconnects},
		{P "websocket_connections_peak", "gauge", "The most clients at one time.", s->clients_peak},
		{P "sse_active_connections", "gauge", "Of the clients connected now, those with a stream of events.", s->streams},
		{P "websocket_slow_closes_total", "counter", "Clients closed because they did not keep up.", s->slow_closes},
		{P "websocket_ping_timeouts_total", "counter", "Clients that did not answer a ping.", s->ping_timeouts},
		{P "websocket_rate_limited_total", "counter", "Messages of clients over their rate.", s->rate_limited},
		{P "websocket_bad_requests_total", "counter", "Messages of clients answered with an error.", s->bad_requests},
		{P "websocket_protocol_closes_total", "counter", "Clients closed for breaking the protocol.", s->protocol_closes},
		{P "websocket_frames_sent_total", "counter", "Frames handed to sockets.", s->frames_sent},
		{P "websocket_bytes_sent_total", "counter", "Bytes handed to sockets.", s->bytes_sent},
		{P "websocket_broadcasts_total", "counter", "Turns that sent something to clients.", s->broadcasts},
		{P "websocket_conflated_total", "counter", "State left out for a client that was not ready, made good by a newer one.",
		    s->conflated},
		{P "websocket_queue_bytes", "gauge", "Unsent bytes of all clients.", s->queue_bytes},
		{P "websocket_kept_bytes", "gauge", "Copied of frames that sockets took only in part, at most.", s->kept_bytes},
		{P "websocket_partial_writes_total", "counter", "Writes a socket took only in part.", s->partial_writes},
		{P "websocket_send_errors_total", "counter", "Writes that failed.", s->send_errors},
		{P "journal_errors_total", "counter", "Attempts to write the journal that failed.", s->journal_errors},
		{P "journal_bytes_total", "counter", "Bytes written to the journal.", s->journal_bytes},
		{P "http_requests_total", "counter", "HTTP requests.", s->http_requests},
		{P "http_errors_total", "counter", "HTTP requests answered with 4xx or 5xx.", s->http_errors},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		one(b, rows[i].name, rows[i].type, rows[i].help, (double)rows[i].v);
}

static void
refusals(const struct stats *s, struct strbuf *b)
{
	static const char name[] = P "refused_total";

	head(b, name, "counter", "Connections and requests refused, by limit or rule.");
	sample(b, name, "reason", "full", (double)s->refused_full);
	sample(b, name, "reason", "origin", (double)s->refused_origin);
	sample(b, name, "reason", "host", (double)s->refused_host);
	sample(b, name, "reason", "address", (double)s->refused_address);
	sample(b, name, "reason", "rate", (double)s->refused_rate);
	sample(b, name, "reason", "disabled", (double)s->refused_disabled);
	sample(b, name, "reason", "token", (double)s->refused_token);
	sample(b, name, "reason", "scope", (double)s->refused_scope);
}

static void
leaves(const struct stats *s, struct strbuf *b)
{
	static const char name[] = P "websocket_leaves_total", off[] = P "rollbacks_total";
	static const char *const causes[] = {"", "send_errors", "latency", "disconnects", "cpu"};

	head(b, name, "counter", "WebSocket clients that left, by why.");
	for (int i = 0; i < STATS_LEAVES; i++)
		sample(b, name, "cause", stats_leave_name(i), (double)s->leaves[i]);
	head(b, off, "counter", "Times a limit of the automatic rollback was passed, by which; with warn, too.");
	for (size_t i = 1; i < sizeof causes / sizeof causes[0]; i++)
		sample(b, off, "cause", causes[i], (double)s->rollbacks[i]);
	one(b, P "rolled_back", "gauge", "1: WebSocket was switched off by the automatic rollback.", s->rolled_back);
}

static void
websocket(const struct promtext *in, const char *prefix, struct strbuf *b)
{
	struct strbuf name = {0};

	strbuf_addf(&name, "%swebsocket_active_connections", prefix);
	one(b, name.s, "gauge", "Clients connected now, over WebSocket or with a stream of events.", (double)in->clients);
	strbuf_reset(&name);
	strbuf_addf(&name, "%swebsocket_messages_sent_total", prefix);
	head(b, name.s, "counter", "Messages to clients, by type.");
	for (int i = 0; i < STATS_MESSAGES; i++)
		sample(b, name.s, "message_type", in->stats->messages[i].type, (double)in->stats->messages[i].sent);
	strbuf_reset(&name);
	strbuf_addf(&name, "%swebsocket_broadcast_duration_seconds", prefix);
	histogram(b, name.s, "Building one turn's messages and handing them to all sockets.", &in->stats->broadcast_seconds);
	strbuf_free(&name);
}

struct names {	/* of metrics already written: two members may fold into one name */
	char *v[PROMTEXT_MEMBERS];
	size_t n;
};

/* A metric name for a member's path, or NULL where it is taken. */
static char *
name_of(struct names *names, const struct strbuf *path)
{
	static const char *const reserved[] = {"_count", "_sum", "_bucket", "_info"};
	struct strbuf b = {0};
	char *name;

	strbuf_adds(&b, P "metrics_");
	for (size_t i = 0; i < path->len; i++) {
		char c = path->s[i];

		c = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
		strbuf_addc(&b, (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '_');
	}
	for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++) {
		size_t n = strlen(reserved[i]);

		if (b.len > n && !strcmp(b.s + b.len - n, reserved[i]))
			strbuf_adds(&b, "_value");
	}
	name = b.s;
	for (size_t i = 0; i < names->n; i++)
		if (!strcmp(names->v[i], name)) {
			free(name);
			return NULL;
		}
	names->v[names->n++] = name;
	return name;
}

static void
member(struct names *names, const struct strbuf *path, double v, struct strbuf *b)
{
	struct strbuf help = {0};
	char *name = names->n < PROMTEXT_MEMBERS ? name_of(names, path) : NULL;
	size_t n = name ? strlen(name) : 0;

	if (name) {
		strbuf_adds(&help, "Member ");
		for (size_t i = 0; i < path->len; i++)
			strbuf_addc(&help, path->s[i] == '\n' || path->s[i] == '\\' ? ' ' : path->s[i]);
		strbuf_adds(&help, " of the last metrics record.");
		one(b, name, n > 6 && !strcmp(name + n - 6, "_total") ? "counter" : "gauge", help.s, v);
		strbuf_free(&help);
	}
}

/* Each number in an object and the objects in it; lists are somebody else's. */
static void
members(struct names *names, struct span object, struct strbuf *path, struct strbuf *b)
{
	struct json_iter it = json_iter(object);
	struct span key, value;
	size_t len = path->len;
	double v;

	while (names->n < PROMTEXT_MEMBERS && json_next_member(&it, &key, &value)) {
		if (len)
			strbuf_addc(path, '.');
		if (json_string(key, path)) {
			if (json_is(value, '{'))
				members(names, value, path, b);
			else if (json_number(value, &v))
				member(names, path, v, b);
		}
		path->len = len;
		if (path->s)
			path->s[len] = '\0';
	}
}

static void
metrics(struct state *state, struct strbuf *b)
{
	const struct value *v = state_get(state, "metrics", NULL);
	struct names *names;
	struct strbuf path = {0};

	if (!v)
		return;
	names = xcalloc(1, sizeof *names);
	members(names, (struct span){v->data, v->len}, &path, b);
	while (names->n)
		free(names->v[--names->n]);
	free(names);
	strbuf_free(&path);
}

struct container {
	char *name;
	struct span at;
};

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct container *)a)->name, ((const struct container *)b)->name);
}

/* The containers with different names, sorted; *omitted counts the rest. */
static struct container *
list_containers(struct span list, size_t *n, size_t *omitted)
{
	struct container *v = xcalloc(PROMTEXT_CONTAINERS, sizeof *v);
	struct json_iter it = json_iter(list);
	struct strbuf name = {0};
	struct span at;
	size_t got = 0, kept = 0;

	*omitted = 0;
	while (json_is(list, '[') && json_next_element(&it, &at)) {
		strbuf_reset(&name);
		if (got == PROMTEXT_CONTAINERS || !json_string(json_member(at, "name"), &name))
			++*omitted;
		else
			v[got++] = (struct container){xmemdup0(name.s ? name.s : "", name.len), at};
	}
	strbuf_free(&name);
	qsort(v, got, sizeof *v, by_name);
	for (size_t i = 0; i < got; i++) {
		if (kept && !strcmp(v[kept - 1].name, v[i].name)) {
			free(v[i].name);
			++*omitted;
		} else {
			v[kept++] = v[i];
		}
	}
	*n = kept;
	return v;
}

static void
containers(struct state *state, struct strbuf *b)
{
	static const struct { const char *name, *type, *path, *help; } rows[] = {
		{P "container_cpu_percent", "gauge", "cpu", "CPU of a container; 100 is one core."},
		{P "container_memory_bytes", "gauge", "memory.usage_bytes", "Memory of a container, without its page cache."},
		{P "container_memory_limit_bytes", "gauge", "memory.limit_bytes", "Memory a container may use."},
		{P "container_memory_percent", "gauge", "memory.usage_percent", "Memory of a container, of what it may use."},
		{P "container_network_receive_bytes_total", "counter", "network.rx_bytes", "Bytes a container received."},
		{P "container_network_transmit_bytes_total", "counter", "network.tx_bytes", "Bytes a container sent."},
		{P "container_block_read_bytes_total", "counter", "block_io.read_bytes", "Bytes a container read from disks."},
		{P "container_block_write_bytes_total", "counter", "block_io.write_bytes", "Bytes a container wrote to disks."},
		{P "container_pids", "gauge", "pids", "Processes of a container."},
		{P "container_restarts_total", "counter", "restart_count", "Restarts of a container by the engine."},
	};
	const struct value *value = state_get(state, "containers", NULL);
	struct container *v;
	size_t n, omitted;
	double d;

	if (!value)
		return;
	v = list_containers(json_member((struct span){value->data, value->len}, "containers"), &n, &omitted);
	for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
		bool begun = false;

		for (size_t i = 0; i < n; i++) {
			if (!json_number(json_path(v[i].at, rows[r].path), &d))
				continue;
			if (!begun)
				head(b, rows[r].name, rows[r].type, rows[r].help);
			begun = true;
			sample(b, rows[r].name, "name", v[i].name, d);
		}
	}
	if (n)
		head(b, P "container_running", "gauge", "1: the container runs.");
	for (size_t i = 0; i < n; i++)
		sample(b, P "container_running", "name", v[i].name, json_equals(json_member(v[i].at, "status"), "running"));
	one(b, P "containers_omitted", "gauge", "Containers left out here: over the bound, without a name, or with a repeated one.",
	    (double)omitted);
	for (size_t i = 0; i < n; i++)
		free(v[i].name);
	free(v);
}

static void
sources(struct state *state, struct strbuf *b)
{
	struct value_type *t = state_type(state, "source_status");
	struct span data;

	if (!t || !t->first)
		return;
	head(b, P "source_up", "gauge", "1: the source says it is up; 0: degraded or down.");
	for (const struct value *v = t->first; v; v = v->next_of_type) {
		data = (struct span){v->data, v->len};
		if (v->id)
			sample(b, P "source_up", "source", v->id, json_equals(json_member(data, "status"), "up"));
	}
}

void
promtext(const struct promtext *in, struct strbuf *b)
{
	const struct stats *s = in->stats;

	head(b, P "build_info", "gauge", "The version, as a label.");
	sample(b, P "build_info", "version", in->version, 1);
	one(b, P "start_time_seconds", "gauge", "When the broadcaster started, since 1970.", (double)s->started_ms / 1000);
	one(b, P "input_open", "gauge", "1 while records can come, 0 once the input has ended.", !s->input_ended);
	if (s->last_line_ms)
		one(b, P "last_line_timestamp_seconds", "gauge", "When the last line came, since 1970.", (double)s->last_line_ms / 1000);
	one(b, P "events_total", "counter", "Events taken: the offset of the newest.", (double)in->events);
	one(b, P "history_bytes", "gauge", "Memory of the event history.", (double)in->history_bytes);
	one(b, P "state_bytes", "gauge", "Memory of the last values.", (double)state_bytes(in->state));
	one(b, P "http_body_bytes", "gauge", "Bytes of HTTP answers held now, the page's files included.", (double)in->http_bytes);
	counters(s, b);
	refusals(s, b);
	leaves(s, b);
	websocket(in, P, b);
	websocket(in, "", b);
	histogram(b, P "latency_seconds", "From a record's time stamp to the last socket write of its message.", &s->latency_seconds);
	sources(in->state, b);
	metrics(in->state, b);
	containers(in->state, b);
}
