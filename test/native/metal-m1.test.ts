import './support/metal-double.js';
import { describeMetal } from './support/metal.js';

describeMetal('m1', ['metal:0']);
