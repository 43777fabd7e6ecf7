#include <string.h>

#include "broadcaster/deflateoffer.h"
#include "broadcaster/wsconn.h"

/*
 * permessage-deflate beside libwebsockets: its own extension holds a compressor for each client, looks at
 * one offer only and mixes up two parameters. Ours is known to it by name, so that it lets RSV1 through,
 * and leaves every byte as it is: the hub sends frames that are compressed already, and ws.c inflates whole
 * messages.
 */

enum { RSV1 = 0x40 };

static const char name[] = "permessage-deflate";

static lws_extension_callback_function callback;

static struct lws_extension extensions[] = {
	{.name = name, .callback = callback},
	{0},
};

/* Never a name in a request: it is hidden as soon as it was taken, a second offer of it would end the handshake. */
static const char hidden[] = ";";

static int
callback(struct lws_context *context, const struct lws_extension *ext, struct lws *wsi, enum lws_extension_callback_reasons reason,
    void *user, void *in, size_t len)
{
	static const struct lws_ext_options none = {0};
	struct conn *c = wsi ? lws_get_opaque_user_data(wsi) : NULL;

	(void)context;
	(void)ext;
	(void)user;
	(void)len;
	if (reason != LWS_EXT_CB_CONSTRUCT)
		return 0;
	if (!c || c->form == FRAME_PLAIN)
		return -1;
	*(const struct lws_ext_options **)in = &none;
	extensions[0].name = hidden;
	return 0;
}

const struct lws_extension *
wsdeflate_extensions(void)
{
	return extensions;
}

void
wsdeflate_offer(struct conn *c, const char *header)
{
	c->form = header ? deflateoffer_take(header) : FRAME_PLAIN;
	extensions[0].name = name;
}

/* libwebsockets has answered the bare name, as the last line so far. */
void
wsdeflate_answer(struct conn *c, struct lws_process_html_args *out)
{
	static const char line[] = ": permessage-deflate\r\n";
	size_t n = sizeof line - 1;
	const char *more;

	if (c->upgraded || c->form == FRAME_PLAIN)
		return;
	more = deflateoffer_answer(c->form);
	if (memcmp(out->p - n, line, n) != 0 || (size_t)out->max_len < strlen(more) + 2) {
		c->form = FRAME_PLAIN;
		return;
	}
	n = strlen(more);
	memcpy(out->p - 2, more, n);
	memcpy(out->p - 2 + n, "\r\n", 2);
	out->p += n;
	out->max_len -= (int)n;
}

/* Where RSV1 may be set wsin.c has seen to. */
void
wsdeflate_piece(struct conn *c)
{
	if (!c->in_frame && !c->in_message)
		c->deflated = (lws_get_reserved_bits(c->wsi) & RSV1) != 0;
	c->in_frame = lws_remaining_packet_payload(c->wsi) != 0;
	c->in_message = !lws_is_final_fragment(c->wsi);
}
