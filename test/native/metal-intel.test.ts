import './support/metal-double.js';
import { describeMetal } from './support/metal.js';

describeMetal('intel', ['metal:0', 'metal:1']);
