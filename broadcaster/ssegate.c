#include <string.h>

#include "broadcaster/serverpeer.h"
#include "broadcaster/sse.h"
#include "broadcaster/wsconn.h"
#include "broadcaster/wsroom.h"

enum { EVENT_ID_MAX = 256 };

/* The browser's own, of its last event, counts for more than what stood in the address when it first came. */
static void
read_event_id(struct lws *wsi, const struct dialect *d, struct request *query)
{
	static const char name[] = "last-event-id:";
	char id[EVENT_ID_MAX];
	int n = lws_hdr_custom_length(wsi, name, sizeof name - 1);

	if (n <= 0)
		return;
	if (lws_hdr_custom_copy(wsi, id, sizeof id, name, sizeof name - 1) < 0)
		request_query(d, query, "last_event_id", "?", 1);	/* longer than any of ours */
	else
		request_query(d, query, "last_event_id", id, strlen(id));
}

static bool
check_query(struct server *s, struct lws *wsi, const struct dialect *d, struct request *query, struct reply *r)
{
	if (!wsgate_query(wsi, d, query)) {
		reply_problem(r, 400, "a query parameter is too long");
		return false;
	}
	read_event_id(wsi, d, query);
	request_query_end(query);
	if (!query->code)
		return true;
	s->stats.bad_requests++;
	reply_problem(r, 400, "%s", query->message.s);
	request_free(query);
	return false;
}

bool
sse_check(struct server *s, struct lws *wsi, const struct dialect *d, const struct httpin *in, struct request *query, struct reply *r)
{
	struct conn *c = lws_get_opaque_user_data(wsi);
	struct serverpeer peer;
	const char *detail;
	int status;

	serverpeer_of(s, wsi, &peer);
	*query = (struct request){0};
	if (in->request.method != METHOD_HEAD && !wsroom_check(s, d, peer.addr, peer.told, &status, &detail)) {
		reply_problem(r, status, "%s", detail);
		if (status == 429)
			reply_header(r, "Retry-After", "5");
		return false;
	}
	if (!check_query(s, wsi, d, query, r))
		return false;
	memcpy(c->peer, peer.addr, sizeof c->peer);
	return true;
}
