#include <stdlib.h>
#include <string.h>

#include "broadcaster/dialect.h"
#include "broadcaster/hub.h"
#include "broadcaster/routes.h"
#include "lib/json.h"
#include "lib/stamp.h"
#include "lib/xalloc.h"

enum {
	LISTED_MAX = 1000,	/* connections shown */
	COUNTED_MAX = 4096,	/* different topics counted */
	COUNTED_SLOTS = 2 * COUNTED_MAX,
};

struct counts {	/* by the topic's hash, the next free slot where that is taken */
	struct {
		char *topic;
		uint64_t clients;
	} slot[COUNTED_SLOTS];
	size_t n;
};

static void
count_topic(struct counts *c, const char *topic)
{
	uint32_t h = 2166136261u;
	size_t i;

	for (const char *p = topic; *p; p++)
		h = (h ^ (unsigned char)*p) * 16777619u;
	for (i = h % COUNTED_SLOTS; c->slot[i].topic; i = (i + 1) % COUNTED_SLOTS)
		if (!strcmp(c->slot[i].topic, topic)) {
			c->slot[i].clients++;
			return;
		}
	if (c->n == COUNTED_MAX)
		return;
	c->n++;
	c->slot[i].topic = xstrdup(topic);
	c->slot[i].clients = 1;
}

static void
count_topics(struct counts *c, const struct strbuf *list)
{
	struct span array = {list->s, list->len}, one;
	struct json_iter it = json_iter(array);
	struct strbuf name = {0};

	while (json_next_element(&it, &one)) {
		strbuf_reset(&name);
		if (json_string(one, &name))
			count_topic(c, name.s);
	}
	strbuf_free(&name);
}

static void
put_connection(const struct hub_info *info, const struct strbuf *topics, const char *address, struct strbuf *b)
{
	char stamp[STAMP_LEN + 1];

	strbuf_addf(b, "%s{\"dialect\":\"%s\",\"kind\":\"%s\",\"connected_since\":\"%s\",\"subscriptions\":%s",
	    b->s[b->len - 1] == '[' ? "" : ",", info->dialect->name, info->dialect->framing == FRAMING_EVENTS ? "sse" : "websocket", stamp_format(info->joined_ms, stamp), topics->s);
	if (info->every_ms)
		strbuf_addf(b, ",\"every\":%.3g", (double)info->every_ms / 1000);
	strbuf_addf(b, ",\"messages_sent\":%llu,\"bytes_sent\":%llu,\"queued_bytes\":%zu", (unsigned long long)info->messages,
	    (unsigned long long)info->bytes, info->queued);
	if (*address) {
		strbuf_adds(b, ",\"address\":");
		strbuf_addjsons(b, address);
	}
	strbuf_addc(b, '}');
}

/* And forgets them. */
static void
put_topics(struct counts *counts, struct strbuf *b)
{
	for (size_t i = 0; i < COUNTED_SLOTS; i++) {
		if (!counts->slot[i].topic)
			continue;
		if (b->s[b->len - 1] != '{')
			strbuf_addc(b, ',');
		strbuf_addjsons(b, counts->slot[i].topic);
		strbuf_addf(b, ":%llu", (unsigned long long)counts->slot[i].clients);
		free(counts->slot[i].topic);
	}
}

void
routes_subscriptions(struct server *s, const struct http_request *q, int64_t now, struct reply *r)
{
	struct counts *counts = xcalloc(1, sizeof *counts);
	struct strbuf b = {0}, topics = {0};
	char stamp[STAMP_LEN + 1], address[46];
	struct hub_info info;
	size_t n = 0;

	strbuf_addf(&b, "{\"timestamp\":\"%s\",\"connected_clients\":%zu,\"connections\":[", stamp_format(now, stamp),
	    hub_clients(s->hub));
	for (struct hub_client *c = hub_next(s->hub, NULL); c; c = hub_next(s->hub, c)) {
		strbuf_reset(&topics);
		hub_client_topics(c, &topics);
		count_topics(counts, &topics);
		if (n++ >= LISTED_MAX)
			continue;
		hub_info(c, &info);
		*address = '\0';
		if (q->loopback || q->grant)
			server_peer(info.conn, address);
		put_connection(&info, &topics, address, &b);
	}
	strbuf_addf(&b, "],\"connections_omitted\":%zu,\"topics\":{", n > LISTED_MAX ? n - LISTED_MAX : 0);
	put_topics(counts, &b);
	strbuf_adds(&b, "}}");
	free(counts);
	reply_json(r, &b);
	strbuf_free(&b);
	strbuf_free(&topics);
}

static void
put_counts(const struct stats *st, struct strbuf *b)
{
	const struct { const char *name; uint64_t v; } rows[] = {
		{"peak_connections", st->clients_peak}, {"total_connections", st->connects},
		{"websocket_clients", st->clients - st->streams}, {"sse_clients", st->streams}, {"total_disconnections", st->disconnects}, {"total_broadcasts", st->broadcasts},
		{"frames_sent", st->frames_sent}, {"bytes_sent", st->bytes_sent}, {"conflated", st->conflated},
		{"queue_bytes", st->queue_bytes}, {"slow_closes", st->slow_closes}, {"ping_timeouts", st->ping_timeouts},
		{"rate_limited", st->rate_limited}, {"bad_requests", st->bad_requests}, {"send_errors", st->send_errors},
		{"lines_total", stats_lines(st)}, {"lines_bad", st->lines_bad}, {"lines_too_long", st->lines_toolong}, {"left_out", st->left_out},
	};
	uint64_t sent = 0, rollbacks = 0;

	for (size_t i = 0; i < sizeof st->rollbacks / sizeof st->rollbacks[0]; i++)
		rollbacks += st->rollbacks[i];
	strbuf_addf(b, ",\"rolled_back\":%s,\"rollbacks\":%llu", st->rolled_back ? "true" : "false", (unsigned long long)rollbacks);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		strbuf_addf(b, ",\"%s\":%llu", rows[i].name, (unsigned long long)rows[i].v);
	strbuf_adds(b, ",\"messages_sent_by_type\":{");
	for (int i = 0; i < STATS_MESSAGES; i++) {
		sent += st->messages[i].sent;
		strbuf_addf(b, "%s\"%s\":%llu", i ? "," : "", st->messages[i].type, (unsigned long long)st->messages[i].sent);
	}
	strbuf_addf(b, "},\"messages_sent\":%llu", (unsigned long long)sent);
}

static void
put_ms(struct strbuf *b, const char *name, double seconds)
{
	strbuf_addf(b, ",\"%s\":", name);
	strbuf_addround(b, seconds * 1000, 3);
}

void
routes_ws_stats(struct server *s, const struct http_request *q, int64_t now, struct reply *r)
{
	const struct stats *st = &s->stats;
	const struct histogram *h = &st->broadcast_seconds;
	struct strbuf b = {0};
	char stamp[STAMP_LEN + 1];

	(void)q;
	strbuf_addf(&b, "{\"status\":\"%s\",\"timestamp\":\"%s\",\"connected_clients\":%zu,\"active_connections\":%zu,\"uptime_seconds\":",
	    s->opt.flags.enabled ? "active" : "disabled", stamp_format(now, stamp), hub_clients(s->hub), hub_clients(s->hub));
	strbuf_addround(&b, (double)(stamp_mono() - st->started_mono) / 1000, 3);
	put_counts(st, &b);
	if (st->last_broadcast_ms)
		strbuf_addf(&b, ",\"last_broadcast\":\"%s\"", stamp_format(st->last_broadcast_ms, stamp));
	put_ms(&b, "avg_broadcast_time_ms", h->count ? h->sum / (double)h->count : 0);
	put_ms(&b, "p99_broadcast_time_ms", histogram_quantile(h, 0.99));
	put_ms(&b, "p50_latency_ms", histogram_quantile(&st->latency_seconds, 0.5));
	put_ms(&b, "p99_latency_ms", histogram_quantile(&st->latency_seconds, 0.99));
	strbuf_addc(&b, '}');
	reply_json(r, &b);
	strbuf_free(&b);
}
