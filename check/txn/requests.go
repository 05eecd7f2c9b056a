package txn

import "checker/models/consistency"

// ConsistencyModels are those that a history of transactions can be checked for,
// the default first.
func ConsistencyModels() []string {
	var names []string
	for _, m := range consistency.All() {
		if consistency.Implies("strict-serializable", m.Name) && !consistency.Implies("linearizable", m.Name) {
			names = append(names, m.Name)
		}
	}
	return names
}
