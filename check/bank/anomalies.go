package bank

import "checker/check"

// The anomalies that this package finds, by Jepsen's names.
const (
	WrongTotal    = "wrong-total"    // a read's balances do not add up
	NegativeValue = "negative-value" // an account is overdrawn
	UnexpectedKey = "unexpected-key" // a read has an account that does not exist
	NilBalance    = "nil-balance"    // a read has an account without a balance

	ClosedAccount  = "closed-account"  // a read has an account that was closed before
	MissingAccount = "missing-account" // a read lacks an account that was opened before
)

// Kinds explains what this package finds.
func Kinds() []check.Kind {
	return append([]check.Kind{
		{Name: WrongTotal, Summary: "The balances of all accounts, read in one transaction, do not add up to the money there is.", Example: `client 1   [ transfer 5 from a to b         ]
client 2       [ read → {a 5, b 10} ]            of 10 in all`},
		{Name: NegativeValue, Summary: "An account has less than nothing, and the bank gives no credit.", Example: `client 1   [ transfer 10 from a to b, ok ]
client 2   [ transfer 10 from a to b, ok ]
client 3                                    [ read → {a -10, b 20} ]`},
		{Name: UnexpectedKey, Summary: "A read has an account that does not exist.", Example: `client 1   [ read → {a 10, b 0} ]  [ read → {a 10, z 0} ]`},
		{Name: NilBalance, Summary: "A read has an account whose balance is nil.", Example: `client 1   [ read → {a 10, b nil} ]`},
	}, accountKinds...)
}
