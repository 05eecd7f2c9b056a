package history

import "strconv"

// AppendEDN appends op as one line of EDN, without a line feed, with the fields
// in the order of [AppendJSON]:
//
//	{:index 4, :time 1200, :process 0, :type :ok, :f :txn, :value [[:r 5 [1 2]]]}
//
// Names that are no legal keywords are written as strings.
func AppendEDN(dst []byte, op Op) []byte {
	return appendEDNOp(dst, &op, op.Process.name())
}

// appendEDNOp writes op. process is the name of a named process, else "".
func appendEDNOp(dst []byte, op *Op, process string) []byte {
	dst = strconv.AppendInt(append(dst, "{:index "...), int64(op.Index), 10)
	dst = strconv.AppendInt(append(dst, ", :time "...), op.Time, 10)
	dst = append(dst, ", :process "...)
	if op.Process.IsClient() {
		dst = strconv.AppendInt(dst, int64(op.Process), 10)
	} else {
		dst = appendEDNName(dst, process)
	}
	dst = append(append(dst, ", :type :"...), op.Type.String()...)
	if op.F != "" {
		dst = appendEDNName(append(dst, ", :f "...), op.F)
	}
	dst = op.Value.AppendEDN(append(dst, ", :value "...))
	if !op.Error.IsNil() {
		dst = op.Error.AppendEDN(append(dst, ", :error "...))
	}
	if op.Node != "" {
		dst = appendQuoted(append(dst, ", :node "...), op.Node)
	}
	for _, extra := range op.Extra {
		dst = append(appendEDNName(append(dst, ", "...), extra.Name), ' ')
		dst = extra.Value.AppendEDN(dst)
	}
	return append(dst, '}')
}

func appendEDNName(dst []byte, name string) []byte {
	if isKeyword(name) {
		return append(append(dst, ':'), name...)
	}
	return appendQuoted(dst, name)
}
