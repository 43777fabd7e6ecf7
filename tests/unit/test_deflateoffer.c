#include "broadcaster/deflateoffer.h"

#include "check.h"

#define PMD "permessage-deflate"

static void
which_offer(void)
{
	static const struct {
		const char *header;
		enum frame_form form;
	} t[] = {
		{"", FRAME_PLAIN},
		{PMD, FRAME_WIDE},
		{" " PMD "\t", FRAME_WIDE},
		{PMD "; client_max_window_bits", FRAME_WIDE},
		{PMD ";client_max_window_bits=9;server_no_context_takeover;client_no_context_takeover", FRAME_WIDE},
		{PMD "; server_max_window_bits=15", FRAME_WIDE},
		{PMD "; server_max_window_bits=14", FRAME_NARROW},
		{PMD "; server_max_window_bits=\"12\" ; client_max_window_bits = \"1\\2\"", FRAME_NARROW},
		{PMD "; server_max_window_bits=11", FRAME_PLAIN},
		{PMD "; server_max_window_bits=8", FRAME_PLAIN},
		{PMD "; server_max_window_bits", FRAME_PLAIN},
		{PMD "; server_max_window_bits=", FRAME_PLAIN},
		{PMD "; server_max_window_bits=16", FRAME_PLAIN},
		{PMD "; server_max_window_bits=015", FRAME_PLAIN},
		{PMD "; server_max_window_bits=+15", FRAME_PLAIN},
		{PMD "; server_max_window_bits=\"15", FRAME_PLAIN},
		{PMD "; server_max_window_bits=\"\"", FRAME_PLAIN},
		{PMD "; server_max_window_bits=4294967311", FRAME_PLAIN},
		{PMD "; client_max_window_bits=7", FRAME_PLAIN},
		{PMD "; client_max_window_bits=16", FRAME_PLAIN},
		{PMD "; client_no_context_takeover=1", FRAME_PLAIN},
		{PMD "; server_no_context_takeover=\"\"", FRAME_PLAIN},
		{PMD "; client_no_context_takeover; client_no_context_takeover", FRAME_PLAIN},
		{PMD "; client_max_window_bits; client_max_window_bits=15", FRAME_PLAIN},
		{PMD "; unknown", FRAME_PLAIN},
		{PMD "; unknown=1", FRAME_PLAIN},
		{PMD ";", FRAME_PLAIN},
		{PMD "; ;", FRAME_PLAIN},
		{PMD " client_max_window_bits", FRAME_PLAIN},
		{PMD "=1", FRAME_PLAIN},
		{"Permessage-Deflate", FRAME_PLAIN},
		{"x-webkit-deflate-frame", FRAME_PLAIN},
		{PMD "x", FRAME_PLAIN},
		{"foo; x=\"," PMD "\"", FRAME_PLAIN},
		{"foo; x=\"a\\\"," PMD ",\", bar", FRAME_PLAIN},
		{"foo; x=\"a,b\", " PMD, FRAME_WIDE},
		{"," PMD, FRAME_WIDE},
		{PMD "," PMD "; unknown", FRAME_WIDE},
		{PMD "; unknown, " PMD "; server_max_window_bits=12, " PMD, FRAME_NARROW},
		{PMD "; server_max_window_bits=9, " PMD "; server_max_window_bits=15", FRAME_WIDE},
	};

	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		enum frame_form got = deflateoffer_take(t[i].header);

		if (got != t[i].form)
			fprintf(stderr, "%s: %d, not %d\n", t[i].header, got, t[i].form);
		CHECK(got == t[i].form);
	}
}

static void
answers(void)
{
	CHECK_STR(deflateoffer_answer(FRAME_WIDE), "; server_no_context_takeover; client_no_context_takeover");
	CHECK_STR(deflateoffer_answer(FRAME_NARROW), "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12");
}

int
main(void)
{
	which_offer();
	answers();
	return check_done();
}
