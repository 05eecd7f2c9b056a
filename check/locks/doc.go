// Package locks judges what only one may have at a time: a lock, or an office.
//
// Three checks share this package.
//
//   - lock: nobody gets a lock that another surely holds, and nobody releases what he
//     does not hold. It is the mutex with owners, exactly: the owner is the process.
//   - fenced-lock: a lock may be taken from a holder that is slow, since holders are
//     known by tokens that grow. No token is given twice, a later grant has a larger
//     token, and what the lock guards refuses a token after it took a larger one.
//   - leader-election: no term has two leaders, and no two lead at one time.
//
// A process surely holds a lock from the completion of its acquire to the
// invocation of its release; to the end of the history where it never releases. A
// release that failed, by the meaning of fail, released nothing. A crashed acquire
// may hold or not, so nothing follows from it.
//
// acquire and release take nothing, or [key nil]; acquire may return a token, and
// then the order of tokens is judged for lock, too. write takes [token value] and
// stands for whatever the lock guards. leader returns [term leader], or nil where
// none is known; elect makes the process leader and returns [term leader], resign
// ends that. An office may be lost unnoticed and observations may be late: that two
// lead at one time follows from an elect and its successful resign, and from leader
// only if its answers are linearizable.
package locks
