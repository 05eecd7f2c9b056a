package broadcast

import "checker/check"

// The anomalies that this package finds.
const (
	OutOfNowhere = "delivery-out-of-nowhere"
	Twice        = "delivered-twice"
	Undelivered  = "undelivered"
	Disagreement = "delivery-disagreement"
	NotUniform   = "uniform-disagreement"
	FIFOOrder    = "fifo-order"
	CausalOrder  = "causal-order"
	TotalOrder   = "total-order"
)

// breaks says which guarantee an anomaly breaks: the weakest one.
var breaks = map[string]string{
	OutOfNowhere: "best-effort-broadcast",
	Twice:        "best-effort-broadcast",
	Undelivered:  "best-effort-broadcast",
	Disagreement: "reliable-broadcast",
	NotUniform:   "uniform-broadcast",
	FIFOOrder:    "fifo-broadcast",
	CausalOrder:  "causal-broadcast",
	TotalOrder:   "total-order-broadcast",
}

// Guarantees are what a history can be checked for, the default first.
func Guarantees() []string {
	return []string{"reliable-broadcast", "best-effort-broadcast", "uniform-broadcast", "fifo-broadcast", "causal-broadcast", "total-order-broadcast"}
}

// Kinds explains what this package finds.
func Kinds() []check.Kind {
	return []check.Kind{
		{Name: OutOfNowhere, Summary: "A process delivered a message that nobody had broadcast by then.", Example: `p1   [ deliver → m ]`},
		{Name: Twice, Summary: "A process delivered a message twice.", Example: `p1   [ broadcast m ]
p2                    [ deliver → m ]  [ deliver → m ]`},
		{Name: Undelivered, Summary: "A correct process broadcast a message, and another correct process never delivered it.", Example: `p1   [ broadcast m ]  [ deliver → m ]
p2   [ broadcast n ]  [ deliver → n ]`},
		{Name: Disagreement, Summary: "A correct process delivered a message that another correct process never did.", Example: `p1   [ broadcast m ?
p2                    [ deliver → m ]
p3                                      (never)`},
		{Name: NotUniform, Summary: "A process delivered a message and crashed, and a correct process never delivered it.", Example: `p1   [ broadcast m ]  [ deliver → m ]  [ crash ]
p2                                                (never)`},
		{Name: FIFOOrder, Summary: "A process delivered a message without an earlier one of the same sender.", Example: `p1   [ broadcast a ]  [ broadcast b ]
p2                                     [ deliver → b ]  [ deliver → a ]`},
		{Name: CausalOrder, Summary: "A process delivered a message without one that its sender had delivered before it broadcast.", Example: `p1   [ broadcast a ]
p2                    [ deliver → a ]  [ broadcast b ]
p3                                                      [ deliver → b ]  [ deliver → a ]`},
		{Name: TotalOrder, Summary: "Two processes delivered two messages in opposite orders.", Example: `p1   [ deliver → a ]  [ deliver → b ]
p2   [ deliver → b ]  [ deliver → a ]`},
	}
}
