package locks

import "checker/check"

// The anomalies that this package finds.
const (
	DoubleGrant    = "double-grant"        // a lock has two holders
	ReleaseUnheld  = "release-unheld"      // a release succeeded of a lock that the process did not hold
	RefreshUnheld  = "refresh-unheld"      // a lease was refreshed of a lock that the process did not hold
	DuplicateToken = "duplicate-token"     // two grants have the same token
	FencingOrder   = "fencing-order"       // a later grant has a smaller token
	StaleToken     = "stale-token"         // a smaller token was taken after a larger one
	TwoLeaders     = "two-leaders"         // one term has two leaders
	AtOnce         = "two-leaders-at-once" // two lead at one time
)

// Kinds explains what this package finds.
func Kinds() []check.Kind {
	return []check.Kind{
		{Name: DoubleGrant, Summary: "A lock was granted while another surely held it.", Example: `client 1   [ acquire, ok ]                    [ release ]
client 2                     [ acquire, ok ]`},
		{Name: ReleaseUnheld, Summary: "A process released a lock that it did not hold.", Example: `client 1   [ acquire, ok ]
client 2                     [ release, ok ]`},
		{Name: RefreshUnheld, Summary: "A process refreshed the lease of a lock that it did not hold.", Example: `client 1   [ acquire → 2000 ms ]   [ release ]
client 1                                        [ refresh, ok ]`},
		{Name: DuplicateToken, Summary: "Two grants of a lock carry the same fencing token.", Example: `client 1   [ acquire → 7 ]
client 2                    [ acquire → 7 ]`},
		{Name: FencingOrder, Summary: "A lock was granted with a smaller fencing token than one that had been given out before.", Example: `client 1   [ acquire → 7 ]
client 2                    [ acquire → 6 ]`},
		{Name: StaleToken, Summary: "What the lock guards took a write with a token after one with a larger token had completed.", Example: `client 1   [ write [7 b], ok ]
client 2                        [ write [6 a], ok ]`},
		{Name: TwoLeaders, Summary: "One term has two leaders.", Example: `client 1   [ leader → [3 n1] ]
client 2                        [ leader → [3 n2] ]`},
		{Name: AtOnce, Summary: "Two lead at one time.", Example: `n1   [ elect → 3 ]                   [ resign ]
n2                   [ elect → 4 ]`},
	}
}
