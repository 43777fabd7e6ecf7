#include <libwebsockets.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "broadcaster/serverheap.h"
#include "lib/xalloc.h"

enum {
	PAGE = 4096,
	SLOTS_EACH = 2,		/* libwebsockets' index of them, and the text */
	WARM = 256,		/* free slots whose page is kept */
};

static struct {
	char *base;
	size_t slot;		/* bytes, whole pages; a page that is not touched costs nothing */
	size_t n, fresh;	/* of all slots; the first never used */
	uint32_t *warm, *cold;	/* free ones, the latter without a page */
	size_t nwarm, ncold;
} heap;

static void *
take(void)
{
	size_t slot;

	if (heap.nwarm)
		slot = heap.warm[--heap.nwarm];
	else if (heap.ncold)
		slot = heap.cold[--heap.ncold];
	else if (heap.fresh < heap.n)
		slot = heap.fresh++;
	else
		return NULL;
	return heap.base + slot * heap.slot;
}

static void
give(char *p)
{
	uint32_t slot = (uint32_t)((size_t)(p - heap.base) / heap.slot);

	if (heap.nwarm < WARM) {
		heap.warm[heap.nwarm++] = slot;
	} else {
		madvise(p, heap.slot, MADV_DONTNEED);
		heap.cold[heap.ncold++] = slot;
	}
}

/* As realloc; size 0 frees. */
static void *
allocate(void *old, size_t size, const char *reason)
{
	char *p = old;
	void *slot;

	if (p && p >= heap.base && p < heap.base + heap.n * heap.slot) {
		if (size)
			return size <= heap.slot ? p : NULL;
		give(p);
		return NULL;
	}
	if (!size) {
		free(p);
		return NULL;
	}
	if (!p && size <= heap.slot && reason && !strncmp(reason, "ah ", 3) && (slot = take()))
		return slot;
	return realloc(p, size);
}

void
serverheap_init(size_t connections, size_t header_bytes)
{
	size_t n = SLOTS_EACH * connections, slot = (header_bytes + PAGE - 1) / PAGE * PAGE;
	void *base = mmap(NULL, n * slot, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (base == MAP_FAILED)
		return;
	heap.base = base;
	heap.n = n;
	heap.slot = slot;
	heap.warm = xreallocarray(NULL, WARM, sizeof *heap.warm);
	heap.cold = xreallocarray(NULL, n, sizeof *heap.cold);
	lws_set_allocator(allocate);
}
