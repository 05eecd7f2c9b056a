package postgres

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// errRolledBack is that COMMIT was answered with ROLLBACK.
var errRolledBack = errors.New("COMMIT was answered with ROLLBACK")

// meaning is what an SQLSTATE says of a transaction whose COMMIT ended with it.
type meaning struct {
	state    string // or the class, its first two characters
	definite bool   // there was no effect, and there will be none
	because  string
}

// meanings is read from the top; the first that fits counts. What fits none is
// indeterminate, and so is an error without an SQLSTATE.
var meanings = []meaning{
	{"40003", false, "the server itself does not know"},
	{"40", true, "a transaction that is rolled back for a conflict or a deadlock is so before its commit is written"},
	{"23", true, "deferred constraints are checked before the commit is written"},
	{"25P02", true, "the transaction had failed before"},
	{"25006", true, "a standby refuses to write before anything is written"},
	{"53", false, "a full disk or memory may also be met after the commit is written"},
	{"57", false, "a server that shuts down or was told to cancel may have written the commit"},
	{"58", false, "an error of the disk says nothing of what it holds"},
	{"08", false, "the connection may have broken behind the request"},
	{"XX", false, "nobody knows"},
}

// uncommitted is the reason why an error of COMMIT is definite, or "".
func uncommitted(err error) string {
	if errors.Is(err, errRolledBack) {
		return "the server says that it rolled back"
	}
	var coded *pgconn.PgError
	if !errors.As(err, &coded) {
		return ""
	}
	for _, m := range meanings {
		if strings.HasPrefix(coded.Code, m.state) {
			if m.definite {
				return m.because
			}
			return ""
		}
	}
	return ""
}
