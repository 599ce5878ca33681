package reports

import "squall/sim"

// mostPoints is how many seconds a chart shows one by one. A longer run is
// thinned: three points for each stretch, so that no peak and no dip is lost.
const mostPoints = 900

// thinned is a variant's series, one point a second or fewer, and the seconds
// that the points stand for.
func thinned(s sim.Series, n int) (sim.Series, []float64) {
	k := 1
	for n/k*3 > mostPoints && n > mostPoints {
		k++
	}
	var seconds []float64
	for from := 0; from < n; from += k {
		if k == 1 {
			seconds = append(seconds, float64(from))
			continue
		}
		length := float64(min(k, n-from))
		for i := range 3 {
			seconds = append(seconds, float64(from)+length*float64(i)/3)
		}
	}
	if k == 1 {
		return s, seconds
	}
	for _, v := range []*[]float64{&s.Offered, &s.Accepted, &s.Completed, &s.Failed} {
		*v = values(thin(pointers(*v), k))
	}
	for _, v := range []*[]*float64{
		&s.AcceptP50, &s.AcceptP90, &s.AcceptP99, &s.AcceptMax, &s.ServiceP50, &s.ServiceP99,
		&s.LagP50, &s.LagP99, &s.VisibleP50, &s.VisibleP99,
	} {
		*v = thin(*v, k)
	}
	for _, m := range []*map[string][]float64{&s.Backlog, &s.CPU, &s.RSS} {
		short := map[string][]float64{}
		for name, v := range *m {
			short[name] = values(thin(pointers(v), k))
		}
		*m = short
	}
	return s, seconds
}

// thin keeps three of every k values: the least and the greatest, in the order
// in which they came, and the last. A stretch without any value stays without.
func thin(v []*float64, k int) []*float64 {
	var short []*float64
	for from := 0; from < len(v); from += k {
		part := v[from:min(from+k, len(v))]
		least, greatest := -1, -1
		for i, x := range part {
			if x == nil {
				continue
			}
			if least < 0 || *x < *part[least] {
				least = i
			}
			if greatest < 0 || *x > *part[greatest] {
				greatest = i
			}
		}
		if least < 0 {
			short = append(short, nil, nil, nil)
			continue
		}
		short = append(short, part[min(least, greatest)], part[max(least, greatest)], part[len(part)-1])
	}
	return short
}

// pointers is a series without gaps as one that may have some.
func pointers(values []float64) []*float64 {
	all := make([]*float64, len(values))
	for i := range values {
		all[i] = &values[i]
	}
	return all
}

// values is a series with 0 for each gap.
func values(v []*float64) []float64 {
	plain := make([]float64, len(v))
	for i, x := range v {
		if x != nil {
			plain[i] = *x
		}
	}
	return plain
}
