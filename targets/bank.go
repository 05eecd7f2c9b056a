package targets

// The bank of the bank workload, which a target has to set up or to make believe: accounts from 0 on, each
// with as much at first, and no credit.
const (
	BankAccounts = 8
	BankBalance  = 10
)
