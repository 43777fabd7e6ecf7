#include "broadcaster/wsroom.h"
#include "lib/log.h"
#include "lib/stamp.h"

enum {
	FAR_CLIENTS = 1000, FAR_RATE = 100,	/* for an address that is not this machine's, unless set */
	SAY_MS = 1000,		/* of all addresses together */
};

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

/* Where clients are known to come again and again, this machine's own have limits, too. NULL: there is room. */
static const char *
restless(struct server *s, const struct dialect *d, const unsigned char peer[16], uint64_t **count)
{
	*count = &s->stats.refused_rate;
	if (s->opt.connect_rate < 0 && !limits_rested(s->restless, peer, d->short_stays, stamp_mono()))
		return "this address comes and goes too often: try again later, and more slowly";
	*count = &s->stats.refused_address;
	if (s->opt.max_clients_per_address < 0 && d->address_clients && limits_clients(s->restless, peer) >= d->address_clients)
		return "too many clients of this address";
	return NULL;
}

/* An offender is named once in a while, however often it comes. */
static void
say(struct server *s, const unsigned char peer[16], const char *why)
{
	static struct log_gate gate;
	int64_t now = stamp_mono();
	uint64_t refused, skipped;
	char text[PROXIES_TEXT];

	if (limits_say(s->addresses, peer, now, &refused) && log_gate_open(&gate, now, SAY_MS, &skipped))
		log_warn("connects of %s are refused with 429: %s (%llu since this was said of it)", proxies_text(peer, text), why,
		    (unsigned long long)refused);
}

static bool
look(struct server *s, const struct dialect *d, const unsigned char peer[16], bool told, int *status, const char **detail)
{
	uint64_t *count;
	const char *why;
	int64_t per_address = limit_for(peer, told, s->opt.max_clients_per_address, FAR_CLIENTS);

	if (s->stopping)
		return refuse(NULL, 503, "the server is stopping", status, detail);
	if (!limits_connect(s->addresses, peer, limit_for(peer, told, s->opt.connect_rate, FAR_RATE), stamp_mono()))
		return refuse(&s->stats.refused_rate, 429, "too many connects a second from this address", status, detail);
	if (s->stats.clients >= (uint64_t)s->opt.max_clients)
		return refuse(&s->stats.refused_full, 503, "too many clients", status, detail);
	if (per_address && limits_clients(s->addresses, peer) >= (size_t)per_address)
		return refuse(&s->stats.refused_address, 429, "too many clients of this address", status, detail);
	why = restless(s, d, peer, &count);
	return !why || refuse(count, 429, why, status, detail);
}

bool
wsroom_check(struct server *s, const struct dialect *d, const unsigned char peer[16], bool told, int *status, const char **detail)
{
	bool good = look(s, d, peer, told, status, detail);

	if (!good && *status == 429)
		say(s, peer, *detail);
	return good;
}

static bool
is_restless(const struct dialect *d)
{
	return d->short_stays || d->address_clients;
}

void
wsroom_join(struct server *s, const struct dialect *d, const unsigned char peer[16])
{
	s->stats.connects++;
	if (++s->stats.clients > s->stats.clients_peak)
		s->stats.clients_peak = s->stats.clients;
	limits_join(s->addresses, peer, stamp_mono());
	if (is_restless(d))
		limits_join(s->restless, peer, stamp_mono());
}

bool
wsroom_leave(struct server *s, const struct dialect *d, const unsigned char peer[16], int64_t since)
{
	int64_t now = stamp_mono();

	limits_leave(s->addresses, peer);
	if (is_restless(d))
		limits_leave(s->restless, peer);
	s->stats.clients--;
	s->stats.disconnects++;
	if (!d->short_stays || now - since >= LIMITS_SHORT_MS)
		return false;
	limits_short(s->restless, peer, d->short_stays, now);
	return true;
}
