package mariadb

import (
	"database/sql/driver"
	"errors"

	"github.com/go-sql-driver/mysql"
)

// definite are the errors of the server that say of a COMMIT that it had no effect
// and will have none, each with the reason. What is not here is indeterminate.
var definite = map[uint16]string{
	1213: "the transaction that is to end a deadlock is rolled back before its commit is written",
	1020: "a transaction whose snapshot somebody else has written into is refused before its commit is written",
	1792: "a transaction that may only read is refused before anything is written",
}

// uncommitted is the reason why an error of COMMIT is definite, or "".
func uncommitted(err error) string {
	if errors.Is(err, driver.ErrBadConn) {
		return "the driver has found the connection broken before it sent a byte"
	}
	var coded *mysql.MySQLError
	if errors.As(err, &coded) {
		return definite[coded.Number]
	}
	return ""
}
