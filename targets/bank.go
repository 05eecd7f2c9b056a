package targets

// The bank of the bank workload, which a target has to set up or to make believe: accounts from 0 on, each
// with as much at first, and no credit. Where accounts come and go, those that there are at first are the first
// ones of BankMostAccounts.
const (
	BankAccounts     = 8
	BankMostAccounts = 12
	BankBalance      = 10
)
