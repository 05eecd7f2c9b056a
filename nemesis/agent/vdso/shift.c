// What is put into the vDSO of a process whose wall clock is moved: the three
// functions that read it, on top of the kernel's own clock_gettime. It is linked
// at 0, runs anywhere, and calls nothing. shift.sh compiles it; shift.lds says the
// order of what is in its header, and injector.go knows it.

typedef long long i64;
typedef unsigned long long u64;

struct timespec { i64 sec, nsec; };
struct timeval { i64 sec, usec; };

// How far a reading n is moved: off + (n - since) * rate / 2^32, all in ns.
struct slot { i64 off, rate, since; u64 mask; };

#define HIDDEN __attribute__((visibility("hidden")))

#define SYMBOL(name) ".globl " #name "\n.hidden " #name "\n" #name ": "

// The kernel's own clock_gettime: its first instructions, moved here, and a jump
// behind them. The injector writes it over the traps.
#ifdef __x86_64__
#define TRAP "0xcc"
#else
#define TRAP "0"
#endif
HIDDEN int original(i64 clock, struct timespec *t);
__asm__(".section .original, \"ax\"\n" SYMBOL(original) ".fill 48, 1, " TRAP "\n.text");

// Where a function of the vDSO goes to. On arm64 that function may have signed its
// return address before: the injector then writes the authentication over the nop.
#ifdef __aarch64__
#define DOOR(function) __asm__(".section .doors, \"ax\"\n" SYMBOL(enter_##function) "nop\nb shifted_" #function "\n.text")
#else
#define DOOR(function) __asm__(".globl enter_" #function "\n.set enter_" #function ", shifted_" #function)
#endif
DOOR(clock_gettime);
DOOR(gettimeofday);
DOOR(time);

// Readers take the slot that sel names; the injector writes the other one, and
// then sel, so that no reader sees half a change.
__attribute__((section(".params"), used)) HIDDEN volatile struct {
	u64 magic, sel;
	struct slot slot[2];
} params = {0};

static i64 shift(i64 clock, i64 n) {
	volatile struct slot *s = &params.slot[params.sel & 1];
	if ((u64)clock >= 64 || !(s->mask >> clock & 1))
		return n;
	i64 moved = n + s->off;
	if (s->rate)
		moved += (i64)(((__int128)(n - s->since) * s->rate) >> 32);
	return moved;
}

static i64 seconds(i64 n) { // rounded down, also before 1970
	i64 s = n / 1000000000;
	return n % 1000000000 < 0 ? s - 1 : s;
}

HIDDEN int shifted_clock_gettime(i64 clock, struct timespec *t) {
	int r = original((int)clock, t);
	if (r == 0 && (u64)(int)clock < 64) {
		i64 n = shift((int)clock, t->sec * 1000000000 + t->nsec);
		t->sec = seconds(n);
		t->nsec = n - t->sec * 1000000000;
	}
	return r;
}

HIDDEN int shifted_gettimeofday(struct timeval *v, void *zone) {
	struct timespec t;
	if (zone)
		*(u64 *)zone = 0;
	if (!v)
		return 0;
	int r = shifted_clock_gettime(0, &t);
	v->sec = t.sec;
	v->usec = t.nsec / 1000;
	return r;
}

HIDDEN i64 shifted_time(i64 *p) {
	struct timespec t;
	shifted_clock_gettime(5, &t);
	if (p)
		*p = t.sec;
	return t.sec;
}

