// A document of another application, as one sends it for its dashboard: nothing in the page knows what it is about.
const day = (/** @type {number} */ i, now = Date.now()) => new Date(now + i * 86400000).toISOString();
/** @param {any} [more] */
export const analytics = (more = {}, now = Date.now()) => ({
	metrics: { average_risk_score: 12.4, trending_up_percent: 18.2, overdue_count: 3, sla_compliance_rate: 76.5, total_risks: 48, active_risks: 31, mitigation_rate: 35.4, updated_at: day(0, now) },
	risk_trends: [11.2, 11.9, 12.8, 12.1, 13, 12.7, 12.4].map((score, i) => ({ date: day(i - 6, now).slice(0, 10), score, count: 40 + i, new_risks: (i * 3) % 5, mitigated: i % 3 })),
	severity_distribution: { critical: 4, high: 9, medium: 21, low: 14 },
	mitigation_status: { completed: 17, in_progress: 12, not_started: 8, overdue: 3 },
	top_risks: [['Unpatched VPN gateway', 24, 'critical', 'active', 12.5], ['Shared admin password', 20, 'high', 'active', -3.1], ['Backup never restored', 16, 'high', 'mitigated', 0], ['Expired certificate', 9, 'medium', 'open', 1.2], ['Old wiki', 3, 'low', 'closed', -20]].map(
		([name, score, severity, status, trend_percent], i) => ({ id: `r-${i}`, name, score, severity, status, trend_percent, last_updated: day(-i, now), assigned_team: i % 2 ? 'Platform' : undefined, mitigation_count: i })),
	mitigation_progress: [['Patch the gateway', 'in_progress', 60, 4], ['Rotate passwords', 'overdue', 20, -6], ['Restore test', 'completed', 100, 12], ['Renew certificate', 'not_started', 0, 20]].map(
		([name, status, progress, days_remaining], i) => ({ id: `m-${i}`, name, status, progress, due_date: day(Number(days_remaining), now), owner: 'ana', risk_id: `r-${i}`, risk_name: 'Unpatched VPN gateway', cost: 1200 * i, last_updated: day(-i, now), days_remaining })),
	generated_at: day(0, now), ...more,
});
export const dashboard = (/** @type {any} */ more = {}) => ({ type: 'dashboard', timestamp: new Date().toISOString(), source: 'http-poll', data: analytics(more) });
