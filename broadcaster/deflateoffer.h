#ifndef BROADCASTER_DEFLATEOFFER_H
#define BROADCASTER_DEFLATEOFFER_H

/*
 * What a client offers in Sec-WebSocket-Extensions (RFC 6455 9.1), and which offer of permessage-deflate
 * in it is taken (RFC 7692 7.1): the first without a fault. Unknown, doubled and bad parameters are
 * faults, and so is a server_max_window_bits smaller than we compress with. Pure.
 */

#include "broadcaster/frame.h"

/* FRAME_PLAIN: none is taken. header: all its lines, joined by commas; any bytes. */
enum frame_form deflateoffer_take(const char *header);
/* What is answered behind the extension's name, "; " in front; form is not FRAME_PLAIN. */
const char *deflateoffer_answer(enum frame_form);

#endif
