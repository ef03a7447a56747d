export type { ContractCase } from './contract-case.ts';
export { recordBackendContract } from './record-backend-contract.ts';
export { tokenStoreContract } from './token-store-contract.ts';
