package history

import (
	"math"
	"strconv"
	"strings"
)

// AppendJSON appends op as one line of JSON, without a line feed:
//
//	{"index":4,"time":1200,"process":0,"type":"ok","f":"txn","value":[["r",5,[1,2]]]}
//
// Fields come in the order index, time, process, type, f, value, error, node and
// then the extra ones; those that are empty are left out, except value. Named
// processes are strings. What JSON has no form for is written so that nothing is
// lost:
//
//	keyword :x              ":x", and a string that begins with a colon gets one more
//	set, list               {"#set":[…]}, {"#list":[…]}
//	map                     an object if all keys are strings and keywords, else {"#map":[[k,v],…]}
//	tagged value            {"#tag":["name",v]}
//	NaN, Inf, -Inf          {"#float":"NaN"}
//	a key with # in front   gets one more
//	bytes that are no UTF-8 \udc80 to \udcff
//
// Floats keep a dot or an exponent, so integers of 64 bits are told from them.
// The functions of a transaction's micro-ops are plain strings.
func AppendJSON(dst []byte, op Op) []byte {
	return appendJSONOp(dst, &op, op.Process.name())
}

// appendJSONOp writes op. process is the name of a named process, else "".
func appendJSONOp(dst []byte, op *Op, process string) []byte {
	dst = strconv.AppendInt(append(dst, `{"index":`...), int64(op.Index), 10)
	dst = strconv.AppendInt(append(dst, `,"time":`...), op.Time, 10)
	dst = append(dst, `,"process":`...)
	if op.Process.IsClient() {
		dst = strconv.AppendInt(dst, int64(op.Process), 10)
	} else {
		dst = appendQuoted(dst, process)
	}
	dst = append(append(append(dst, `,"type":"`...), op.Type.String()...), '"')
	if op.F != "" {
		dst = appendQuoted(append(dst, `,"f":`...), op.F)
	}
	dst = appendJSONValue(append(dst, `,"value":`...), op.Value)
	if !op.Error.IsNil() {
		dst = appendJSONValue(append(dst, `,"error":`...), op.Error)
	}
	if op.Node != "" {
		dst = appendQuoted(append(dst, `,"node":`...), op.Node)
	}
	for _, extra := range op.Extra {
		dst = append(appendQuoted(append(dst, ','), extra.Name), ':')
		dst = appendJSONValue(dst, extra.Value)
	}
	return append(dst, '}')
}

func appendJSONValue(dst []byte, v Value) []byte {
	switch v.kind {
	case KindNil:
		return append(dst, "null"...)
	case KindBool:
		return strconv.AppendBool(dst, v.n != 0)
	case KindInt:
		return strconv.AppendInt(dst, v.n, 10)
	case KindFloat:
		return appendJSONFloat(dst, math.Float64frombits(uint64(v.n)))
	case KindString:
		if strings.HasPrefix(v.Text(), ":") {
			return append(appendEscaped(append(dst, `":`...), v.Text()), '"')
		}
		return appendQuoted(dst, v.Text())
	case KindKeyword:
		return append(appendEscaped(append(dst, `":`...), v.Text()), '"')
	case KindVector:
		if isTxnValue(v.Elems()) {
			return appendJSONTxn(dst, v.Elems())
		}
		return appendJSONArray(dst, v.Elems())
	case KindList:
		return append(appendJSONArray(append(dst, `{"#list":`...), v.Elems()), '}')
	case KindSet:
		return append(appendJSONArray(append(dst, `{"#set":`...), v.Elems()), '}')
	case KindMap:
		return appendJSONMap(dst, v.Elems())
	case KindTagged:
		dst = append(appendQuoted(append(dst, `{"#tag":[`...), v.Text()), ',')
		return append(appendJSONValue(dst, v.Elems()[0]), "]}"...)
	}
	panic("history: value of unknown kind " + strconv.Itoa(int(v.kind)))
}

func appendJSONArray(dst []byte, elems []Value) []byte {
	dst = append(dst, '[')
	for i, e := range elems {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendJSONValue(dst, e)
	}
	return append(dst, ']')
}

// isTxnValue reports whether a vector of elems is a transaction, by the same
// rule as at rest.
func isTxnValue(elems []Value) bool {
	for _, e := range elems {
		if e.kind != KindVector || e.n != 3 {
			return false
		}
		if f := e.Elems()[0]; (f.kind != KindKeyword && f.kind != KindString) || !mopVerbs[f.Text()] {
			return false
		}
	}
	return len(elems) > 0
}

func appendJSONTxn(dst []byte, mops []Value) []byte {
	dst = append(dst, '[')
	for i, m := range mops {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendQuoted(append(dst, '['), m.Elems()[0].Text()), ',')
		dst = append(appendJSONValue(dst, m.Elems()[1]), ',')
		dst = append(appendJSONValue(dst, m.Elems()[2]), ']')
	}
	return append(dst, ']')
}

func appendJSONMap(dst []byte, kvs []Value) []byte {
	for i := 0; i < len(kvs); i += 2 {
		if k := kvs[i].kind; k != KindString && k != KindKeyword {
			return appendJSONEntries(dst, kvs)
		}
	}
	dst = append(dst, '{')
	for i := 0; i < len(kvs); i += 2 {
		if i > 0 {
			dst = append(dst, ',')
		}
		if key := kvs[i]; key.kind == KindString && strings.HasPrefix(key.Text(), "#") {
			dst = append(appendEscaped(append(dst, `"#`...), key.Text()), '"')
		} else {
			dst = appendJSONValue(dst, key)
		}
		dst = appendJSONValue(append(dst, ':'), kvs[i+1])
	}
	return append(dst, '}')
}

func appendJSONEntries(dst []byte, kvs []Value) []byte {
	dst = append(dst, `{"#map":[`...)
	for i := 0; i < len(kvs); i += 2 {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendJSONArray(dst, kvs[i:i+2])
	}
	return append(dst, "]}"...)
}

func appendJSONFloat(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, `{"#float":"NaN"}`...)
	case math.IsInf(f, 1):
		return append(dst, `{"#float":"Inf"}`...)
	case math.IsInf(f, -1):
		return append(dst, `{"#float":"-Inf"}`...)
	}
	return appendEDNFloat(dst, f)
}
