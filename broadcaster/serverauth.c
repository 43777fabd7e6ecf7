#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "broadcaster/serverauth.h"
#include "broadcaster/ws.h"
#include "lib/fdio.h"
#include "lib/log.h"
#include "lib/stamp.h"

enum { HEADER_MAX = 8192 };	/* libwebsockets takes 4096 for all together */

/* All of a header's lines, joined by commas. 0: it is absent, or empty. */
static size_t
whole_header(struct lws *wsi, enum lws_token_indexes token, char *buf, size_t size)
{
	size_t len = 0;
	int n;

	buf[0] = '\0';
	for (int i = 0; len + 1 < size; i++) {
		n = lws_hdr_copy_fragment(wsi, buf + len, (int)(size - len - 1), token, i);
		if (n < 0)
			break;
		len += (size_t)n;
		buf[len++] = ',';
	}
	len -= len > 0;
	buf[len] = '\0';
	return len;
}

size_t
serverauth_offered(struct lws *wsi, char list[], size_t size)
{
	return whole_header(wsi, WSI_TOKEN_PROTOCOL, list, size);
}

static void
query_token(struct lws *wsi, struct bearer *b, char *buf, size_t size)
{
	static const char name[] = "token=";
	int n;

	for (int i = 0; (n = lws_hdr_copy_fragment(wsi, buf, (int)size, WSI_TOKEN_HTTP_URI_ARGS, i)) >= 0; i++)
		if ((size_t)n >= sizeof name - 1 && !memcmp(buf, name, sizeof name - 1))
			bearer_text(b, buf + sizeof name - 1, (size_t)n - (sizeof name - 1));
}

static enum auth_fault
check(struct server *s, struct lws *wsi, struct grant *out)
{
	static char buf[HEADER_MAX];
	struct bearer b = {0};
	enum auth_fault f;

	bearer_authorization(&b, buf, whole_header(wsi, WSI_TOKEN_HTTP_AUTHORIZATION, buf, sizeof buf));
	bearer_protocols(&b, buf, serverauth_offered(wsi, buf, sizeof buf));
	query_token(wsi, &b, buf, sizeof buf);
	f = b.several ? AUTH_SEVERAL : auth_verify(s->auth, stamp_now(), b.token, b.len, out);
	explicit_bzero(&b, sizeof b);
	explicit_bzero(buf, sizeof buf);
	return f;
}

bool
serverauth_check(struct server *s, struct lws *wsi, struct grant *out, struct serverauth *why)
{
	enum auth_fault f = AUTH_OK;

	*out = (struct grant){.until_ms = GRANT_FOREVER};
	if (s->auth)
		f = check(s, wsi, out);
	out->key = s->auth_number;
	if (f == AUTH_OK)
		return true;
	s->stats.refused_token++;
	why->status = f == AUTH_SEVERAL ? 400 : 401;
	why->detail = auth_reason(f);
	if (f == AUTH_MISSING)
		snprintf(why->challenge, sizeof why->challenge, "Bearer realm=\"kato-live\"");
	else
		snprintf(why->challenge, sizeof why->challenge, "Bearer realm=\"kato-live\", error=\"%s\", error_description=\"%s\"",
		    f == AUTH_SEVERAL ? "invalid_request" : "invalid_token", why->detail);
	return false;
}

const char *
serverauth_scope(struct server *s)
{
	s->stats.refused_scope++;
	return "Bearer realm=\"kato-live\", error=\"insufficient_scope\"";
}

/* False: why. *out NULL and true: no key is set. */
static bool
load(const struct server *s, struct auth **out, struct strbuf *why)
{
	struct strbuf key = {0};
	const char *path = s->opt.jwt_key_file;

	*out = NULL;
	if (!path || !*path)
		return true;
	if (fd_slurp(path, AUTH_KEY_MAX, &key) < 0)
		strbuf_adds(why, errno == EFBIG ? "too large for a key" : strerror(errno));
	else
		*out = auth_new(key.s ? key.s : "", key.len, s->opt.jwt_audience, why);
	if (key.s)
		explicit_bzero(key.s, key.len);
	strbuf_free(&key);
	return *out != NULL;
}

static void
take(struct server *s, struct auth *fresh)
{
	auth_del(s->auth);
	s->auth = fresh;
	if (fresh && auth_weak(fresh))
		log_warn("%s: a secret of fewer than %d bytes can be guessed from a token", s->opt.jwt_key_file, AUTH_SECRET_GOOD);
}

void
serverauth_open(struct server *s)
{
	struct strbuf why = {0};
	struct auth *fresh;

	if (!load(s, &fresh, &why))
		die(2, "--jwt-key-file %s: %s", s->opt.jwt_key_file, why.s);
	strbuf_free(&why);
	take(s, fresh);
	s->auth_number = fresh != NULL;
}

void
serverauth_reload(struct server *s)
{
	struct strbuf why = {0};
	struct auth *fresh;

	if (!load(s, &fresh, &why)) {
		log_warn("--jwt-key-file %s: %s; the key stays as it was", s->opt.jwt_key_file, why.s);
	} else if (auth_same(fresh, s->auth)) {
		take(s, fresh);	/* the audience may be another */
	} else {
		if (!fresh)
			log_warn("no --jwt-key-file any more: nobody is asked for a token");
		take(s, fresh);
		s->auth_number++;
		hub_revoke(s->hub, s->auth_number);
		log_info("the key has changed: who was let in before must come back with another token");
	}
	strbuf_free(&why);
}
