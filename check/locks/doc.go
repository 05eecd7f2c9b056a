// Package locks judges what only one may have at a time: a lock, or an office.
//
// Four checks share this package.
//
//   - lock: nobody gets a lock that another surely holds, and nobody releases what he
//     does not hold. It is the mutex with owners, exactly: the owner is the process.
//   - fenced-lock: a lock may be taken from a holder that is slow, since holders are
//     known by tokens that grow. No token is given twice, a later grant has a larger
//     token, and what the lock guards refuses a token after it took a larger one.
//   - leased-mutex: a holder loses the lock when its lease is over. It is decided
//     whether there are instants for all acquires such that nobody is granted the lock
//     before the lease of the one before is over, or that one may have released it.
//   - leader-election: no term has two leaders, and no two lead at one time.
//
// A process surely holds a lock from the completion of its acquire to the
// invocation of its release; to the end of the history where it never releases. A
// release that failed, by the meaning of fail, released nothing. A crashed acquire
// may hold or not, so nothing follows from it.
//
// Leases are judged by the clock of the harness, since an order of ops says nothing of
// clocks. An acquire that is ok took effect at some instant from its invocation to its
// completion. From then on its process holds the lock until the lease is over, or
// until its release if that comes first. It is what the lock promises at least: who
// finds it taken for longer proves nothing. A refresh that is ok shows that the lock
// was held all along, and lets the lease begin anew from its invocation on. Of ops
// that crashed the best for all others is taken: an acquire did not happen, a refresh
// changed nothing or cut the lease short to what it asked for, a release happened as
// soon as it was invoked. A server whose clock runs fast ends leases early;
// LeaseOptions.Drift says how fast is no fault. acquire and refresh return the lease in
// ms, or take it; of a refresh without one it is that of before.
//
// To put jobs of given lengths between given instants is hard in general. Here it is
// nearly always easy: where no acquire took longer than its lease, holds follow each
// other in the order in which acquires completed. Others are tried before and after
// those that completed meanwhile, see schedule.go; of too many the check is unknown.
//
// acquire and release of the others take nothing, or [key nil]; acquire may return a token, and
// then the order of tokens is judged for lock, too. write takes [token value] and
// stands for whatever the lock guards. leader returns [term leader], or nil where
// none is known; elect makes the process leader and returns [term leader], resign
// ends that. An office may be lost unnoticed and observations may be late: that two
// lead at one time follows from an elect and its successful resign, and from leader
// only if its answers are linearizable.
//
// Reading order: locks.go, tenure.go, order.go; leased.go, hold.go, schedule.go,
// overlap.go; election.go.
package locks
