// Host columns read value by value.
export { hostValue, hostValues } from '../../ts/verify/host-values.ts';
