#include "broadcaster/wsroom.h"
#include "lib/stamp.h"

enum { FAR_CLIENTS = 1000, FAR_RATE = 100 };	/* for an address that is not this machine's, unless set */

/* The setting; where it is not set, none for this machine's own clients: a proxy's are all of one address. */
static int64_t
limit_for(const unsigned char peer[16], bool told, long long set, int64_t far)
{
	if (set >= 0)
		return set;
	return !told && (limits_is_loopback(peer) || proxies_is_unix(peer)) ? 0 : far;
}

static bool
refuse(uint64_t *count, int code, const char *why, int *status, const char **detail)
{
	if (count)
		++*count;
	*status = code;
	*detail = why;
	return false;
}

bool
wsroom_check(struct server *s, const unsigned char peer[16], bool told, int *status, const char **detail)
{
	int64_t per_address = limit_for(peer, told, s->opt.max_clients_per_address, FAR_CLIENTS);

	if (s->stopping)
		return refuse(NULL, 503, "the server is stopping", status, detail);
	if (!limits_connect(s->addresses, peer, limit_for(peer, told, s->opt.connect_rate, FAR_RATE), stamp_mono()))
		return refuse(&s->stats.refused_rate, 429, "too many connects a second from this address", status, detail);
	if (s->stats.clients >= (uint64_t)s->opt.max_clients)
		return refuse(&s->stats.refused_full, 503, "too many clients", status, detail);
	if (per_address && limits_clients(s->addresses, peer) >= (size_t)per_address)
		return refuse(&s->stats.refused_address, 429, "too many clients of this address", status, detail);
	return true;
}

void
wsroom_join(struct server *s, const unsigned char peer[16])
{
	s->stats.connects++;
	if (++s->stats.clients > s->stats.clients_peak)
		s->stats.clients_peak = s->stats.clients;
	limits_join(s->addresses, peer, stamp_mono());
}

void
wsroom_leave(struct server *s, const unsigned char peer[16])
{
	limits_leave(s->addresses, peer);
	s->stats.clients--;
	s->stats.disconnects++;
}
