/** The plan's five topics; any other state or event type may be named as well: its messages come through onMessage. */
export type SubscriptionType = 'metrics' | 'containers' | 'sessions' | 'session_events' | 'system_alerts' | (string & {});

/** connecting: the first try, or one of the next. error: the server wants a token that is right. */
export type WebSocketStatus = 'connecting' | 'connected' | 'disconnected' | 'error';

export interface WebSocketMessage {
	type: string;
	timestamp: string;
	data?: any;
	[member: string]: any;
}

/** polled: it came by HTTP. received: local time in milliseconds. */
export interface MessageMeta {
	polled: boolean;
	received: number;
}

export interface Metrics {
	sessions?: { active?: number; total?: number; [member: string]: any };
	requests?: { total?: number; per_second?: number; [member: string]: any };
	resources?: { cpu_percent?: number; memory_percent?: number; disk_percent?: number; [member: string]: any };
	performance?: { total_requests?: number; total_errors?: number; error_rate?: number; average_response_time?: number; [member: string]: any };
	processor_manager?: { total_processors?: number; max_processors?: number; eviction_ttl_seconds?: number; [member: string]: any };
	[member: string]: any;
}

export interface Container {
	name: string;
	status: string;
	health?: string;
	cpu: number;
	memory: { usage_mb: number; limit_mb: number; usage_percent: number; [member: string]: any };
	[member: string]: any;
}

export interface ContainerStats {
	containers: Container[];
	aggregated?: {
		total_cpu_percent?: number;
		total_memory_mb?: number;
		total_memory_limit_mb?: number;
		total_memory_percent?: number;
		container_count?: number;
		[member: string]: any;
	};
	[member: string]: any;
}

export interface SessionSummary {
	active_count: number;
	total_count: number;
}

export interface SessionEvent {
	event_type: 'session_created' | 'session_destroyed';
	timestamp: string;
	data: { current_count: number; previous_count: number; delta: number; time_since_last_event: number; session_id?: string };
	[member: string]: any;
}

export interface SystemAlert {
	level: 'info' | 'warning' | 'error';
	type: string;
	message: string;
	state?: 'firing' | 'resolved';
	key?: string;
	since?: string;
	value?: number;
	threshold?: number;
	container_name?: string;
	status?: string;
	[member: string]: any;
}

/** One message of alerts, with its mark. */
export interface StoredAlert {
	type: 'system_alert';
	id: string;
	timestamp: string;
	alerts: SystemAlert[];
	read: boolean;
	[member: string]: any;
}

/** One alert of a message, with the message's time. */
export type Alert = SystemAlert & { id: string; timestamp: string };

/** live.js's own account: state, latency, when the next try comes, the server's flags. */
export interface ConnectionStatus {
	state: 'connecting' | 'live' | 'reconnecting' | 'polling' | 'stale' | 'off' | 'unauthorized';
	retryAt: number | null;
	latency: number | null;
	heard: number | null;
	since: number;
	tries: number;
	code: number | null;
	reason: string;
	flags: Record<string, boolean> | null;
	[member: string]: any;
}

/** What is known; shared by all components of the same connection. */
export interface LiveState {
	/** The last section of each kind; null until one came. */
	metrics: Metrics | null;
	containers: ContainerStats | null;
	sessions: SessionSummary | null;
	/** The last ten, newest first. */
	sessionEvents: SessionEvent[];
	sessionEvent: SessionEvent | null;
	/** The last ten alerts, newest first, whatever message they came in. */
	alerts: Alert[];
	/** The last thousand messages of alerts, newest first. */
	systemAlerts: StoredAlert[];
	/** Messages of alerts that are not marked. */
	unreadAlertCount: number;
	status: WebSocketStatus;
	isConnected: boolean;
	connectionType: 'websocket' | 'polling' | 'disconnected';
	connection: ConnectionStatus | null;
}

/** Of the connection; those of the first component that names a url hold for all. */
export interface ConnectionOptions {
	/** The WebSocket's address; default /ws of the page's own host. */
	url?: string;
	/** false: HTTP polling alone. */
	enabled?: boolean;
	/** false: this page does without containers, sessions and their events, alerts. */
	containerStats?: boolean;
	sessionEvents?: boolean;
	alerts?: boolean;
	selectiveSubscriptions?: boolean;
	token?: string;
	debug?: boolean;
}

export interface UseWebSocketOptions extends ConnectionOptions {
	/** Whether mounting connects; default true. */
	autoConnect?: boolean;
	/** Default, and for an empty list: the plan's five. An inline array is fine. */
	subscriptions?: readonly SubscriptionType[];
	/** Each message, also those that no member holds. */
	onMessage?: (message: WebSocketMessage, meta: MessageMeta) => void;
}

export interface UseWebSocketReturn extends LiveState {
	/** The same as metrics, containers, sessions. */
	data: Metrics | null;
	containerStats: ContainerStats | null;
	sessionSummary: SessionSummary | null;
	activeSessionCount: number | null;
	/** Further topics for this component, until it unmounts. */
	subscribe(topics: SubscriptionType | readonly SubscriptionType[]): void;
	unsubscribe(topics: SubscriptionType | readonly SubscriptionType[]): void;
	/** Whether it was sent; not while there is no WebSocket. */
	sendMessage(message: string | object): boolean;
	connect(): void;
	/** Ends the connection for all components that share it, until one connects. */
	disconnect(): void;
	/** A snapshot now, or a poll now. */
	refresh(): void;
	/** Of all components that share the connection. */
	markAlertsAsRead(): void;
	clearAllAlerts(): void;
}
