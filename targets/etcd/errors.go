package etcd

import (
	"context"
	"errors"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"checker/history"
)

// meaning is what an error says of the request's effect.
type meaning struct {
	code     codes.Code
	text     string // that the message holds; "" for any
	definite bool   // there was no effect, and there will be none
	because  string
}

// meanings is read from the top; the first that fits counts. What fits none is
// indeterminate.
var meanings = []meaning{
	{codes.InvalidArgument, "", true, "the request is checked before it is proposed"},
	{codes.OutOfRange, "", true, "a revision is checked before it is read"},
	{codes.PermissionDenied, "", true, "permissions are checked when the entry is applied, and then it has no effect"},
	{codes.Unauthenticated, "", true, "the token is checked before anything is proposed"},
	{codes.ResourceExhausted, "too many requests", true, "the server refuses to propose while too much is not applied"},
	{codes.ResourceExhausted, "", false, "it is also said of a full disk, and of a message too large to answer with"},
	{codes.NotFound, "requested lease not found", true, "an entry with an unknown lease is applied without effect"},
	{codes.Unavailable, "error while dialing", true, "there was no connection, so nothing was sent"},
	{codes.Unavailable, "leader changed", false, "the entry may be in the log of the new leader"},
	{codes.Unavailable, "request timed out", false, "the entry may be committed later"},
	{codes.Unavailable, "", false, "the connection may have broken behind the request"},
	{codes.DeadlineExceeded, "", false, "the client gave up; the request goes on"},
	{codes.Canceled, "", false, "the client gave up; the request goes on"},
	{codes.Unknown, "", false, "nobody knows"},
	{codes.Internal, "", false, "nobody knows"},
}

// explain returns the row for an error, and the code.
func explain(err error) meaning {
	code := status.Code(errorOfServer(err))
	message := strings.ToLower(err.Error())
	for _, m := range meanings {
		if m.code == code && strings.Contains(message, m.text) {
			return m
		}
	}
	return meaning{code: code, because: "the code is not in the table"}
}

// errorOfServer undoes what the client makes of an error of the server: an error of
// its own type that knows the code.
func errorOfServer(err error) error {
	var coded interface{ Code() codes.Code }
	switch {
	case errors.As(err, &coded):
		return status.Error(coded.Code(), err.Error())
	case errors.Is(err, context.DeadlineExceeded):
		return status.Error(codes.DeadlineExceeded, err.Error())
	case errors.Is(err, context.Canceled):
		return status.Error(codes.Canceled, err.Error())
	}
	return err
}

// failed is the completion of an op that ended with an error. What reads has no
// effect, so that it failed is certain.
func failed(op history.Op, err error) history.Op {
	op.Type = history.Info
	if op.F == "read" || explain(err).definite {
		op.Type = history.Fail
	}
	op.Error = history.String(strings.Join(strings.Fields(err.Error()), " "))
	return op
}
