/** Whether a service runs and how well, as its driver sees it. */
export interface ServiceStatus {
  running: boolean;
  health: 'healthy' | 'unhealthy' | 'starting' | 'none';
  state: string;
  containerId?: string;
  /** seconds since the service started */
  uptime?: number;
  /** time of the last health check, RFC 3339 */
  lastCheck?: string;
}

/** Where a service is. `ports` are host ports, the endpoint's first. */
export interface ServiceInfo {
  containerName: string;
  dockerImage: string;
  ports: number[];
  composeService: string;
  composeFile: string;
  healthCheckUrl: string;
  network: string;
  serviceDirectory: string;
}

/** The answer of a service to one of the HTTP helpers; `data` is parsed where the service says it is JSON. */
export interface ServiceResponse {
  status: number;
  data: any;
  headers: Record<string, string>;
}

/** A service as providers handle it. */
export interface DockerService {
  getServiceInfo(): ServiceInfo;
  getServiceStatus(): Promise<ServiceStatus>;
  startService(): Promise<boolean>;
  stopService(): Promise<boolean>;
  restartService(): Promise<boolean>;
  isServiceHealthy(): Promise<boolean>;
  isServiceRunning(): Promise<boolean>;
  waitForHealthy(timeoutMs?: number): Promise<boolean>;
  detectRunningPorts(): Promise<number[]>;
  get(path: string): Promise<ServiceResponse>;
  post(path: string, body?: unknown): Promise<ServiceResponse>;
}
