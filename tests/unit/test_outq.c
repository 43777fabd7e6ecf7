#include "broadcaster/outq.h"

#include "check.h"

static struct frame *
text(size_t len)
{
	static const char letters[4096];

	return frame_new(FRAME_TEXT, NULL, letters, len);	/* len + 2 bytes, below 126 */
}

static bool
push(struct outq *q, size_t len, size_t max)
{
	struct frame *f = text(len);
	bool fits = outq_push(q, f, max);

	CHECK(f->refs == (fits ? 2 : 1));
	frame_unref(f);
	return fits;
}

static void
bounds(void)
{
	struct outq q = {0};

	CHECK(push(&q, 98, 10));	/* an empty one takes any */
	CHECK(q.bytes == 100 && !push(&q, 1, 10));
	CHECK(!push(&q, 8, 109) && push(&q, 8, 110) && !push(&q, 0, 110));
	CHECK(q.n == 2 && q.bytes == 110);
	outq_clear(&q);
	CHECK(q.n == 0 && q.bytes == 0 && q.v == NULL && push(&q, 1, 0));
	outq_clear(&q);
}

static void
order(void)
{
	struct outq q = {0};
	struct frame *f;
	uint32_t n;
	size_t in = 0, out = 0;

	CHECK(outq_peek(&q, 100, &n) == NULL && n == 0);
	/* more go in than out, so that the ring grows while its head is somewhere inside */
	for (int round = 0; round < 50; round++) {
		for (int i = 0; i < 7; i++)
			CHECK(push(&q, in++ % 100, SIZE_MAX));
		for (int i = 0; i < 5; i++) {
			f = outq_peek(&q, 1, &n);
			CHECK(f && n == 1 && f->len == out % 100 + 2);
			frame_unref(f);
			outq_drop(&q, 1);
			out++;
		}
	}
	while (q.n) {
		f = outq_peek(&q, 0, &n);
		CHECK(n == 1 && f->len == out++ % 100 + 2);
		frame_unref(f);
		outq_drop(&q, n);
	}
	CHECK(out == in && q.bytes == 0 && q.v == NULL);
}

static void
pieces(void)
{
	struct outq q = {0};
	struct frame *f;
	uint32_t n;

	for (int i = 0; i < 5; i++)
		push(&q, 8, SIZE_MAX);
	f = outq_peek(&q, 25, &n);
	CHECK(n == 2 && f->len == 20 && f->messages == 2 && q.n == 5);
	frame_unref(f);
	outq_drop(&q, 2);
	CHECK(q.n == 3 && q.bytes == 30);
	f = outq_peek(&q, 1000, &n);
	CHECK(n == 3 && f->len == 30);
	frame_unref(f);
	outq_drop(&q, 3);
	CHECK(q.n == 0);
}

int
main(void)
{
	bounds();
	order();
	pieces();
	return check_done();
}
