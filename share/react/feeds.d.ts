// Types of TopDeck's live diagnostics and of OpenRisk's dashboard: what their servers send, and what the hooks make of it.

/** A text, or what gives the text of today. */
export type Token = string | (() => string | null | undefined);

export type HealthStatus = 'healthy' | 'degraded' | 'failed' | 'unknown';

export interface ServiceHealth {
	resource_id: string;
	resource_name: string;
	resource_type: string;
	status: HealthStatus;
	/** 0 to 100. */
	health_score: number;
	anomalies: string[];
	metrics: Record<string, number>;
	last_updated: string;
	[member: string]: any;
}

export interface Anomaly {
	alert_id: string;
	resource_id: string;
	resource_name: string;
	severity: 'low' | 'medium' | 'high' | 'critical';
	metric_name: string;
	current_value: number;
	expected_value: number;
	deviation_percentage: number;
	detected_at: string;
	message: string;
	potential_causes: string[];
	[member: string]: any;
}

export interface TrafficPattern {
	source_id: string;
	target_id: string;
	/** Requests a second. */
	request_rate: number;
	/** 0 to 1. */
	error_rate: number;
	/** Seconds. */
	latency_p95: number;
	is_abnormal: boolean;
	anomaly_score: number;
	trend: 'increasing' | 'decreasing' | 'stable';
	[member: string]: any;
}

export interface FailingDependency {
	source_id: string;
	source_name: string;
	target_id: string;
	target_name: string;
	status: 'degraded' | 'failed';
	health_score: number;
	anomalies: string[];
	error_details: Record<string, any>;
	[member: string]: any;
}

/** All four lists are always there, and every member named here is of its kind. */
export interface LiveDiagnosticsSnapshot {
	timestamp: string;
	overall_health: 'healthy' | 'degraded' | 'critical' | 'unknown';
	services: ServiceHealth[];
	anomalies: Anomaly[];
	traffic_patterns: TrafficPattern[];
	failing_dependencies: FailingDependency[];
	[member: string]: any;
}

export interface DiagnosticsConnectionStatus {
	connected: boolean;
	connectionType: 'websocket' | 'polling' | 'disconnected';
	/** Tries to come back; 0 while there is a WebSocket. */
	reconnectAttempts: number;
	lastError?: string;
}

export interface DiagnosticsMessage {
	type: string;
	timestamp?: string;
	data?: any;
	message?: string;
	[member: string]: any;
}

export interface LiveDiagnosticsConfig {
	/** The WebSocket's address, taken as it is; default: /api/v1/ws/live-diagnostics at the configured server, else at port 8000 of the page's host. */
	url?: string;
	/** Seconds between snapshots, 1 to 60; default 10. The shortest of all components holds. */
	updateInterval?: number;
	autoReconnect?: boolean;
	/** Tries to come back before HTTP is asked; default 5. It goes on trying. */
	maxReconnectAttempts?: number;
	/** Milliseconds before the first of them; doubled each time, up to 30 s; default 3000. */
	reconnectDelay?: number;
	fallbackToPolling?: boolean;
	/** Milliseconds; default 30000. */
	pollingInterval?: number;
	token?: Token;
	/** Each message, also those that no member holds (traffic_anomaly). */
	onMessage?: (message: DiagnosticsMessage) => void;
}

/** What is known; said: the error is one the server spoke of. */
export interface DiagnosticsState {
	snapshot: LiveDiagnosticsSnapshot | null;
	connectionStatus: DiagnosticsConnectionStatus;
	error: string | null;
	said: boolean;
}

export interface LiveDiagnosticsReturn extends Omit<DiagnosticsState, 'said'> {
	connect(): void;
	/** Ends the connection for all components that share it, until one connects. */
	disconnect(): void;
	/** A snapshot now, or a poll now. */
	requestSnapshot(): void;
	/** From now on this component sees these resources and what concerns them; they add up, and without any it sees everything. */
	subscribe(resourceIds: readonly string[]): void;
	unsubscribe(resourceIds: readonly string[]): void;
	/** Whether it was sent; not while there is no WebSocket. */
	sendMessage(message: string | object): boolean;
}

export interface DashboardMetrics {
	average_risk_score: number;
	trending_up_percent: number;
	overdue_count: number;
	sla_compliance_rate: number;
	total_risks: number;
	active_risks: number;
	mitigation_rate: number;
	updated_at?: string;
	[member: string]: any;
}

export interface TopRisk {
	id: string;
	name: string;
	score: number;
	severity: string;
	status: string;
	trend_percent: number;
	last_updated: string;
	assigned_team?: string;
	mitigation_count: number;
	[member: string]: any;
}

export interface MitigationProgress {
	id: string;
	name: string;
	status: string;
	progress: number;
	due_date: string;
	owner?: string;
	risk_id: string;
	risk_name: string;
	cost: number;
	last_updated: string;
	days_remaining: number;
	[member: string]: any;
}

/** The application's own; only the numbers of metrics and of top_risks are made sure of. */
export interface DashboardAnalytics {
	metrics: DashboardMetrics;
	risk_trends?: { date: string; score: number; count?: number; new_risks?: number; mitigated?: number; [member: string]: any }[] | null;
	severity_distribution?: { critical: number; high: number; medium: number; low: number; [member: string]: any } | null;
	mitigation_status?: { completed: number; in_progress: number; not_started: number; overdue: number; [member: string]: any } | null;
	top_risks?: TopRisk[] | null;
	mitigation_progress?: MitigationProgress[] | null;
	generated_at?: string;
	[member: string]: any;
}

export interface WebSocketDashboardConfig {
	/** The WebSocket's address, taken as it is; default: /api/v1/ws/dashboard at the configured server, else at the page's own. */
	url?: string;
	/** Milliseconds before the first try to come back; doubled each time, up to 30 s; default 1000. */
	reconnectInterval?: number;
	/** Tries to come back before HTTP is asked; default 5. It goes on trying. */
	maxReconnectAttempts?: number;
	/** Milliseconds; default 30000. */
	heartbeatInterval?: number;
	fallbackToPoll?: boolean;
	/** Milliseconds; default 30000. */
	pollInterval?: number;
	/** Default: what localStorage keeps as auth_token. */
	token?: Token;
	/** Each message. */
	onMessage?: (message: { type: string; [member: string]: any }) => void;
}

/** What is known; said: the error is one the server spoke of. */
export interface DashboardState {
	data: DashboardAnalytics | null;
	/** Until something came, by whatever way, or it is known that nothing will. */
	loading: boolean;
	error: string | null;
	/** There is a WebSocket. */
	connected: boolean;
	/** There is none, and HTTP is not asked yet. */
	reconnecting: boolean;
	/** Always 0, as nobody tells. */
	clientCount: number;
	source: 'websocket' | 'polling';
	said: boolean;
}

export interface WebSocketDashboardReturn extends Omit<DashboardState, 'said' | 'source'> {
	/** The analytics now; while there is no WebSocket, by HTTP, and the next try is now. */
	refresh(): void;
}

export interface DashboardWithWebSocketReturn extends WebSocketDashboardReturn {
	source: 'websocket' | 'polling';
}

/** How OpenRisk's page says how the connection is; isHealthy: connected, and no error. */
export interface DashboardStatus {
	connected: boolean;
	reconnecting: boolean;
	error: string | null;
	isHealthy: boolean;
}
